//! What visitors read, in every language Orilla speaks: one place for the words, so that page, answer and e-mail agree.
//! A form's own texts stand in its definition and win over these.

use orilla_text::Locale;
use serde::Serialize;

use crate::form::Bound;

/// A rule that a submission can break. Closed: the codes are the wire's, in answers and in a form's own messages.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Nothing was given.
    Required,
    /// Something other than text was given.
    TypeText,
    /// No e-mail address.
    TypeEmail,
    /// No telephone number.
    TypeTel,
    /// No web address.
    TypeUrl,
    /// No number.
    TypeNumber,
    /// No date.
    TypeDate,
    /// Fewer characters than this.
    TooShort(u32),
    /// More characters than this.
    TooLong(u32),
    /// Less, or earlier, than this.
    TooSmall(Bound),
    /// More, or later, than this.
    TooLarge(Bound),
    /// No multiple of this.
    Step(f64),
    /// Not of the form's pattern.
    Pattern,
    /// None of the options.
    Choice,
    /// A consent that must be given was not.
    ConsentRequired,
    /// More fields than a form may be sent.
    TooManyFields(usize),
}

impl Rule {
    /// Every code.
    pub const CODES: [&'static str; 16] = [
        "required",
        "type_text",
        "type_email",
        "type_tel",
        "type_url",
        "type_number",
        "type_date",
        "too_short",
        "too_long",
        "too_small",
        "too_large",
        "step",
        "pattern",
        "option",
        "consent_required",
        "too_many_fields",
    ];

    /// The wire code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TypeText => "type_text",
            Self::TypeEmail => "type_email",
            Self::TypeTel => "type_tel",
            Self::TypeUrl => "type_url",
            Self::TypeNumber => "type_number",
            Self::TypeDate => "type_date",
            Self::TooShort(_) => "too_short",
            Self::TooLong(_) => "too_long",
            Self::TooSmall(_) => "too_small",
            Self::TooLarge(_) => "too_large",
            Self::Step(_) => "step",
            Self::Pattern => "pattern",
            Self::Choice => "option",
            Self::ConsentRequired => "consent_required",
            Self::TooManyFields(_) => "too_many_fields",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::Es => self.spanish(),
            Locale::En => self.english(),
        }
    }

    fn spanish(&self) -> String {
        match self {
            Self::Required => "Este dato es obligatorio.".into(),
            Self::TypeText => "Escribe aquí un solo texto.".into(),
            Self::TypeEmail => "Este correo parece incompleto. Ejemplo: ana@ejemplo.com.".into(),
            Self::TypeTel => "Escribe un teléfono con sus dígitos. Ejemplo: +52 55 1234 5678.".into(),
            Self::TypeUrl => "Escribe la dirección completa. Ejemplo: https://ejemplo.com.".into(),
            Self::TypeNumber => "Escribe un número.".into(),
            Self::TypeDate => "Escribe una fecha como 2026-01-31.".into(),
            Self::TooShort(1) => "Escribe al menos un carácter.".into(),
            Self::TooShort(least) => format!("Escribe al menos {least} caracteres."),
            Self::TooLong(most) => format!("Usa como máximo {most} caracteres."),
            Self::TooSmall(Bound::Number(least)) => format!("Escribe {least} o más."),
            Self::TooSmall(Bound::Date(least)) => format!("Elige el {least} o una fecha posterior."),
            Self::TooLarge(Bound::Number(most)) => format!("Escribe {most} o menos."),
            Self::TooLarge(Bound::Date(most)) => format!("Elige el {most} o una fecha anterior."),
            Self::Step(step) => format!("Escribe un valor en pasos de {step}."),
            Self::Pattern => "Revisa el formato de este dato.".into(),
            Self::Choice => "Elige una de las opciones.".into(),
            Self::ConsentRequired => "Marca esta casilla para que podamos continuar.".into(),
            Self::TooManyFields(most) => format!("El formulario acepta como máximo {most} datos adicionales."),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Required => "This is needed.".into(),
            Self::TypeText => "Enter one text here.".into(),
            Self::TypeEmail => "This address looks incomplete. Example: ana@example.com.".into(),
            Self::TypeTel => "Enter a phone number with its digits. Example: +1 555 123 4567.".into(),
            Self::TypeUrl => "Enter the whole address. Example: https://example.com.".into(),
            Self::TypeNumber => "Enter a number.".into(),
            Self::TypeDate => "Enter a date such as 2026-01-31.".into(),
            Self::TooShort(1) => "Enter at least one character.".into(),
            Self::TooShort(least) => format!("Enter at least {least} characters."),
            Self::TooLong(most) => format!("Use at most {most} characters."),
            Self::TooSmall(Bound::Number(least)) => format!("Enter {least} or more."),
            Self::TooSmall(Bound::Date(least)) => format!("Choose {least} or a later date."),
            Self::TooLarge(Bound::Number(most)) => format!("Enter {most} or less."),
            Self::TooLarge(Bound::Date(most)) => format!("Choose {most} or an earlier date."),
            Self::Step(step) => format!("Enter a value in steps of {step}."),
            Self::Pattern => "Check the format of this.".into(),
            Self::Choice => "Choose one of the options.".into(),
            Self::ConsentRequired => "Tick this box so that we can go on.".into(),
            Self::TooManyFields(most) => format!("The form takes at most {most} additional fields."),
        }
    }
}

/// The code that Formspree's clients know for one of ours.
///
/// Source: `@formspree/core` 4.0.0, `FieldErrorCodeEnum` and `FormErrorCodeEnum`; what it does not know is `UNSPECIFIED`.
#[must_use]
pub fn formspree_code(code: &str) -> &'static str {
    match code {
        "required" | "consent_required" => "REQUIRED_FIELD_MISSING",
        "type_email" => "TYPE_EMAIL",
        "type_number" | "too_small" | "too_large" | "step" => "TYPE_NUMERIC",
        "type_text" | "type_tel" | "type_url" | "type_date" | "too_short" | "too_long" | "pattern" | "option" => "TYPE_TEXT",
        "no_file_uploads" => "NO_FILE_UPLOADS",
        _ => "UNSPECIFIED",
    }
}

/// The words around a form: what is no field's and no violation's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Words {
    /// Beside the label of a field that may stay empty.
    pub optional: &'static str,
    /// The first, empty choice of a list.
    pub choose: &'static str,
    /// On the button while the answer is awaited.
    pub sending: &'static str,
    /// Above the list of what to mend.
    pub summary: &'static str,
    /// When the server did not take it.
    pub failed: &'static str,
    /// When the server could not take it, through no fault of the visitor's.
    pub unavailable: &'static str,
    /// When no answer came: there is no network, or nobody at its other end.
    pub offline: &'static str,
    /// When there were too many attempts.
    pub rate_limited: &'static str,
    /// The same where it is known for how long: `{wait}` stands for the seconds.
    pub wait: &'static str,
    /// On the button after a failure.
    pub retry: &'static str,
    /// The label of the field that no person sees.
    pub decoy: &'static str,
    /// Where a challenge that needs a script stands, for who has none.
    pub needs_script: &'static str,
    /// When a form was sent before its challenge was solved.
    pub challenge_unsolved: &'static str,
    /// When a challenge could not be shown, or broke.
    pub challenge_unavailable: &'static str,
    /// The link to what was promised, where the form has no words of its own.
    pub download: &'static str,
    /// After a submission, where the form has no words of its own.
    pub thanks: &'static str,
}

/// The built-in words of a locale.
#[must_use]
pub const fn words(locale: Locale) -> &'static Words {
    match locale {
        Locale::Es => &SPANISH,
        Locale::En => &ENGLISH,
    }
}

const SPANISH: Words = Words {
    optional: "opcional",
    choose: "Elige una opción",
    sending: "Enviando…",
    summary: "Revisa estos campos:",
    failed: "No pudimos enviar el formulario. Tus datos siguen aquí: inténtalo de nuevo.",
    unavailable: "Nuestro servidor tuvo un problema. Tus datos siguen aquí: inténtalo de nuevo en unos minutos.",
    offline: "No hubo respuesta del servidor. Tus datos siguen aquí: revisa tu conexión e inténtalo de nuevo.",
    rate_limited: "Recibimos demasiados envíos seguidos desde aquí. Tus datos siguen aquí: espera un momento e inténtalo de nuevo.",
    wait: "Recibimos demasiados envíos seguidos desde aquí. Tus datos siguen aquí: espera {wait} s e inténtalo de nuevo.",
    retry: "Intentar de nuevo",
    decoy: "No llenes este campo",
    needs_script: "Este formulario comprueba que no eres un robot, y para eso necesita JavaScript.",
    challenge_unsolved: "Falta comprobar que no eres un robot. Tus datos siguen aquí: completa la comprobación y envía de nuevo.",
    challenge_unavailable: "No pudimos comprobar que no eres un robot. Tus datos siguen aquí: revisa tu conexión o tu bloqueador de \
                            contenido e inténtalo de nuevo.",
    download: "Descargar",
    thanks: "¡Gracias! Recibimos tus datos.",
};

const ENGLISH: Words = Words {
    optional: "optional",
    choose: "Choose an option",
    sending: "Sending…",
    summary: "Check these fields:",
    failed: "We could not send the form. What you typed is still here: try again.",
    unavailable: "Our server had a problem. What you typed is still here: try again in a few minutes.",
    offline: "No answer came from the server. What you typed is still here: check your connection, then try again.",
    rate_limited: "Too many submissions came from here in a row. What you typed is still here: wait a moment, then try again.",
    wait: "Too many submissions came from here in a row. What you typed is still here: wait {wait} s, then try again.",
    retry: "Try again",
    decoy: "Leave this empty",
    needs_script: "This form checks that you are not a robot, and needs JavaScript to do so.",
    challenge_unsolved: "We have yet to check that you are not a robot. What you typed is still here: complete the check, then send again.",
    challenge_unavailable: "We could not check that you are not a robot. What you typed is still here: check your connection or your \
                            content blocker, then try again.",
    download: "Download",
    thanks: "Thank you! We have received your details.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_code_and_words_in_every_locale() {
        let rules = [
            Rule::Required,
            Rule::TypeText,
            Rule::TypeEmail,
            Rule::TypeTel,
            Rule::TypeUrl,
            Rule::TypeNumber,
            Rule::TypeDate,
            Rule::TooShort(2),
            Rule::TooLong(3),
            Rule::TooSmall(Bound::Number(1.5)),
            Rule::TooLarge(Bound::Number(9.0)),
            Rule::Step(0.5),
            Rule::Pattern,
            Rule::Choice,
            Rule::ConsentRequired,
            Rule::TooManyFields(4),
        ];
        assert_eq!(rules.each_ref().map(Rule::code), Rule::CODES);
        for rule in &rules {
            assert_ne!(rule.message(Locale::Es), rule.message(Locale::En), "{rule:?}");
            for locale in Locale::ALL {
                assert!(rule.message(locale).ends_with('.'), "{rule:?}");
            }
        }
        assert_eq!(Rule::TooSmall(Bound::Number(1.5)).message(Locale::En), "Enter 1.5 or more.");
        assert_eq!(Rule::TooLarge(Bound::Number(9.0)).message(Locale::Es), "Escribe 9 o menos.");
    }
}
