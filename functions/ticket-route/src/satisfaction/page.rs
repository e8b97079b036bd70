//! The page of a satisfaction link: one question, five answers, room for a word. It works without a script, loads nothing, and no value gets into it
//! unescaped.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
use orilla_core::Code;
use orilla_core::http::{Response, html};
use orilla_core::outbox::message::escape_html;
use orilla_text::Locale;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What is asked, in each language; the mail asks the same.
#[must_use]
pub const fn question(locale: Locale) -> &'static str {
    words(locale).question
}

/// The five answers from the worst to the best.
#[must_use]
pub const fn scale(locale: Locale) -> [&'static str; 5] {
    match locale {
        Locale::Es => ["Muy mala", "Mala", "Regular", "Buena", "Muy buena"],
        Locale::En => ["Very bad", "Bad", "Fair", "Good", "Very good"],
    }
}

/// What is on the page by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Open,
    /// The link chose a score that is not stored yet.
    Chosen(u8),
    /// A score is stored.
    Stored(u8),
    /// What was sent is no vote.
    Refused,
}

/// All that the page shows.
#[derive(Debug)]
pub struct Page<'a> {
    /// Its language.
    pub locale: Locale,
    /// What the site is called.
    pub site: &'a str,
    /// The ticket in a line.
    pub about: &'a str,
    /// Where the form goes.
    pub action: &'a str,
    /// What is chosen or stored.
    pub state: State,
    /// What was written.
    pub comment: Option<&'a str>,
}

impl Page<'_> {
    /// The page; it stores nothing by itself.
    #[must_use]
    pub fn response(&self) -> Response {
        let words = words(self.locale);
        let (status, score, kind, told) = match self.state {
            State::Open => (StatusCode::OK, None, "", String::new()),
            State::Chosen(score) => (StatusCode::OK, Some(score), "", filled(words.chosen, score)),
            State::Stored(score) => (StatusCode::OK, Some(score), "ok", filled(words.stored, score)),
            State::Refused => (StatusCode::UNPROCESSABLE_ENTITY, None, "failed", words.refused.to_owned()),
        };
        let chosen = if matches!(self.state, State::Chosen(_)) { score } else { None };
        let mut body = format!(
            "<p class=site>{}</p><h1>{}</h1><p class=quiet>{}</p><p class=told role=status data-kind=\"{kind}\">{}</p>",
            escape_html(self.site),
            words.question,
            escape_html(self.about),
            escape_html(&told),
        );
        let mut put = |arguments: fmt::Arguments<'_>| {
            // Writing into a `String` cannot fail.
            let _ = body.write_fmt(arguments);
        };
        put(format_args!(
            "<form method=post action=\"{}\" data-sending=\"{}\" data-stored=\"{}\" data-failed=\"{}\" data-closed=\"{}\"",
            escape_html(self.action),
            escape_html(words.sending),
            escape_html(words.stored),
            escape_html(words.failed),
            escape_html(words.expired),
        ));
        if let Some(score) = chosen {
            put(format_args!(" data-chosen={score}"));
        }
        put(format_args!("><fieldset><legend>{}</legend><div class=scale>", words.scale));
        for (value, label) in (1..).zip(scale(self.locale)) {
            let checked = if score == Some(value) { " checked" } else { "" };
            put(format_args!(
                "<label><input type=radio name=score value={value} required{checked}><span><b>{value}</b> {label}</span></label>"
            ));
        }
        put(format_args!(
            "</div></fieldset><label class=label for=comment>{} <span class=quiet>({})</span></label>\
             <textarea id=comment name=comment rows=4 maxlength=2000 aria-describedby=week>\n{}</textarea>\
             <p class=quiet id=week>{}</p><button>{}</button></form>",
            words.comment,
            words.optional,
            escape_html(self.comment.unwrap_or_default()),
            words.week,
            words.send,
        ));
        let mut response = document(status, self.locale, words.question, &body, Some(SCRIPT));
        // The address is the key: no other site learns it, and no cache keeps what it showed.
        let headers = response.headers_mut();
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        response
    }
}

/// What went wrong with a link, and what to do.
#[must_use]
pub fn notice(locale: Locale, code: Code) -> Response {
    let words = words(locale);
    let (title, advice) = match code {
        Code::Expired => (words.expired, words.thanks),
        Code::Malformed | Code::Forbidden | Code::NotFound => (words.broken, words.whole),
        Code::TooManyRequests => (words.often, words.thanks),
        _ => (words.later, words.again),
    };
    document(code.status(), locale, title, &format!("<h1>{title}</h1><p class=quiet>{advice}</p>"), None)
}

fn document(status: StatusCode, locale: Locale, title: &str, body: &str, script: Option<&str>) -> Response {
    let run = script.map(|script| format!("<script>{script}</script>")).unwrap_or_default();
    let mut response = html(
        status,
        format!(
            "<!doctype html><html lang={}><head><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">\
             <meta name=robots content=noindex><title>{title}</title><style>{STYLE}</style></head><body><main>{body}</main>{run}</body></html>",
            locale.as_str(),
        ),
    );
    if let Ok(policy) = HeaderValue::try_from(policy(script)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Our own style and our own script, by their hashes, and nothing else from anywhere.
fn policy(script: Option<&str>) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    let run = script.map(|script| format!("script-src {}; connect-src 'self'; ", hash(script))).unwrap_or_default();
    format!("default-src 'none'; style-src {}; {run}form-action 'self'; frame-ancestors 'none'; base-uri 'none'", hash(STYLE))
}

fn filled(sentence: &str, score: u8) -> String {
    sentence.replace("{score}", &score.to_string())
}

struct Words {
    question: &'static str,
    scale: &'static str,
    chosen: &'static str,
    sending: &'static str,
    stored: &'static str,
    failed: &'static str,
    refused: &'static str,
    comment: &'static str,
    optional: &'static str,
    week: &'static str,
    send: &'static str,
    expired: &'static str,
    thanks: &'static str,
    broken: &'static str,
    whole: &'static str,
    often: &'static str,
    later: &'static str,
    again: &'static str,
}

const fn words(locale: Locale) -> Words {
    match locale {
        Locale::Es => Words {
            question: "¿Cómo fue la ayuda que recibiste?",
            scale: "Tu respuesta",
            chosen: "Elegiste {score} de 5. Pulsa Enviar para guardarlo.",
            sending: "Guardando…",
            stored: "Gracias: guardamos tu respuesta, {score} de 5.",
            failed: "No pudimos guardar tu respuesta. Sigue aquí: pulsa Enviar para intentarlo de nuevo.",
            refused: "Elige un número del 1 al 5; el comentario puede tener hasta 2000 caracteres.",
            comment: "¿Quieres contarnos algo más?",
            optional: "opcional",
            week: "Puedes cambiar tu respuesta durante 7 días.",
            send: "Enviar",
            expired: "El plazo para responder ya pasó.",
            thanks: "Gracias de todos modos. Si necesitas algo más, escríbenos como siempre.",
            broken: "Este enlace no lleva a ninguna parte.",
            whole: "Cópialo completo, tal como lo recibiste, y ábrelo otra vez.",
            often: "Ya cambiaste tu respuesta muchas veces.",
            later: "Ahora no podemos abrir este enlace.",
            again: "No se perdió nada: inténtalo de nuevo en un momento.",
        },
        Locale::En => Words {
            question: "How was the help you got?",
            scale: "Your answer",
            chosen: "You chose {score} of 5. Press Send to keep it.",
            sending: "Saving…",
            stored: "Thank you: we kept your answer, {score} of 5.",
            failed: "We could not keep your answer. It is still here: press Send to try again.",
            refused: "Choose a number from 1 to 5; a comment may have up to 2,000 characters.",
            comment: "Is there anything else you want to tell us?",
            optional: "optional",
            week: "You can change your answer for 7 days.",
            send: "Send",
            expired: "The time to answer has passed.",
            thanks: "Thank you all the same. If you need anything else, write to us as always.",
            broken: "This link leads nowhere.",
            whole: "Copy all of it, just as you received it, and open it again.",
            often: "You have changed your answer many times already.",
            later: "We cannot open this link now.",
            again: "Nothing is lost: try again in a moment.",
        },
    }
}
