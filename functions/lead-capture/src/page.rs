//! Pages that need no script: a form as a page of its own, the thanks after it, the confirmation a mail links to.
//!
//! Every value is escaped where it is written; there is no other way to write one here.

use std::fmt::{self, Display, Write};

use http::{HeaderValue, StatusCode, header};
use orilla_core::http::{Response, html};
use orilla_core::{Code, Error, Violation};
use orilla_text::Locale;
use serde_json::Value as Json;

use crate::form::{FieldView, Kind, View};
use crate::messages;
use crate::submission::is_made_anew;

const STYLE: &str = include_str!("page.css");
/// What a page with a challenge may load beside its own style. Source: developers.cloudflare.com/turnstile, "Content Security Policy".
const CHALLENGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; script-src https://challenges.cloudflare.com; \
     frame-src https://challenges.cloudflare.com; frame-ancestors 'none'; base-uri 'none'",
);
/// The widget's height, so that nothing moves when it comes, and at least its least width, for which a narrow page gives up some of
/// its margin. Source: the same site, "Widget sizes".
const CHALLENGE_ROOM: &str = "min-height:65px;margin:0 calc(50% - max(50%, 150px)) 16px";

/// What is written into a page: its text with everything escaped that means something in HTML.
struct Escaped<T>(T);

impl<T: AsRef<str>> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.as_ref().chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// What a visitor typed and what was wrong with it, to show the form again without losing anything.
#[derive(Debug, Default)]
pub struct Typed<'a> {
    /// Names and values as sent.
    pub fields: &'a [(String, Json)],
    /// What to mend.
    pub violations: &'a [Violation],
    /// A failure that is no field's.
    pub failure: Option<&'a str>,
}

impl Typed<'_> {
    fn values(&self, name: &str) -> Vec<&str> {
        match self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value) {
            Some(Json::String(text)) => vec![text],
            Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).collect(),
            Some(Json::Bool(true)) => vec!["on"],
            _ => Vec::new(),
        }
    }

    fn violation(&self, name: &str) -> Option<&Violation> {
        self.violations.iter().find(|violation| violation.field == name)
    }
}

/// The form as a page, with what was typed and what to mend if it comes back.
#[must_use]
pub fn form(status: StatusCode, view: &View<'_>, typed: &Typed<'_>) -> Response {
    let mut body = String::new();
    write_form(&mut body, view, typed);
    let mut response = page(status, view.locale, view.headline, &body);
    if view.challenge.is_some() {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, CHALLENGE_POLICY);
    }
    response
}

/// The thanks, with the promised download.
#[must_use]
pub fn thanks(locale: Locale, message: &str, download: Option<(&str, &str)>) -> Response {
    let mut body = format!("<h1>{}</h1>", Escaped(message));
    if let Some((url, label)) = download {
        put(&mut body, format_args!("<p><a class=button href=\"{}\">{}</a></p>", Escaped(url), Escaped(label)));
    }
    page(StatusCode::OK, locale, message, &body)
}

/// A question with one button, for acts that a mail scanner's prefetch must not do.
#[must_use]
pub fn ask(locale: Locale, headline: &str, action: &str, token: &str, button: &str) -> Response {
    let body = format!(
        "<h1>{}</h1><form method=post action=\"{}\"><input type=hidden name=token value=\"{}\"><button>{}</button></form>",
        Escaped(headline),
        Escaped(action),
        Escaped(token),
        Escaped(button)
    );
    page(StatusCode::OK, locale, headline, &body)
}

/// One sentence, for what went wrong where there is no form to show.
#[must_use]
pub fn notice(status: StatusCode, locale: Locale, sentence: &str) -> Response {
    page(status, locale, sentence, &format!("<h1>{}</h1>", Escaped(sentence)))
}

fn page(status: StatusCode, locale: Locale, title: &str, body: &str) -> Response {
    html(
        status,
        format!(
            "<!doctype html><html lang={}><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
             <meta name=robots content=noindex><title>{}</title><style>{STYLE}</style><main>{body}</main></html>",
            locale.as_str(),
            Escaped(title)
        ),
    )
}

/// Writing into a `String` cannot fail; this says so once.
fn put(out: &mut String, arguments: fmt::Arguments<'_>) {
    let _ = out.write_fmt(arguments);
}

fn write_form(out: &mut String, view: &View<'_>, typed: &Typed<'_>) {
    put(out, format_args!("<h1>{}</h1>", Escaped(view.headline)));
    if let Some(intro) = view.intro {
        put(out, format_args!("<p class=quiet>{}</p>", Escaped(intro)));
    }
    write_summary(out, view, typed);
    // `novalidate`: the server tells every violation at once, in the visitor's language.
    put(out, format_args!("<form method=post action=\"/f/{}\" novalidate>", Escaped(view.id)));
    put(out, format_args!("<input type=hidden name=_locale value={}>", view.locale.as_str()));
    if let Some(variant) = view.variant {
        put(out, format_args!("<input type=hidden name=_variant value=\"{}\">", Escaped(variant)));
    }
    for (name, _) in typed.fields.iter().filter(|(name, _)| is_sent_along(name, view)) {
        for value in typed.values(name) {
            put(out, format_args!("<input type=hidden name=\"{}\" value=\"{}\">", Escaped(name), Escaped(value)));
        }
    }
    for field in &view.fields {
        write_field(out, view, field, typed);
    }
    for consent in &view.consents {
        let is_ticked = !typed.values(consent.name).is_empty();
        out.push_str("<div class=field>");
        put(
            out,
            format_args!(
                "<label class=check><input type=checkbox id=\"{0}\" name=\"{0}\"{1}{2}><span>{3}",
                Escaped(consent.name),
                if is_ticked { " checked" } else { "" },
                invalid(typed.violation(consent.name)),
                Escaped(consent.text)
            ),
        );
        if let Some(link) = &consent.link {
            put(out, format_args!(" <a href=\"{}\">{}</a>", Escaped(link.url), Escaped(link.text)));
        }
        out.push_str("</span></label>");
        write_violation(out, typed.violation(consent.name));
        out.push_str("</div>");
    }
    if let Some(decoy) = view.decoy {
        put(
            out,
            format_args!(
                "<div class=decoy aria-hidden=true><label>{}<input name={decoy} tabindex=-1 autocomplete=off></label></div>",
                Escaped(view.texts.decoy)
            ),
        );
    }
    if let Some(challenge) = &view.challenge {
        put(
            out,
            format_args!(
                "<div class=cf-turnstile data-sitekey=\"{}\" data-language={} data-size=flexible style=\"{CHALLENGE_ROOM}\"></div>\
                 <script src=\"{}\" async defer></script>\
                 <noscript><p class=quiet>{}</p></noscript>",
                Escaped(challenge.site_key),
                view.locale.as_str(),
                challenge.script,
                Escaped(messages::words(view.locale).needs_script)
            ),
        );
    }
    put(out, format_args!("<button>{}</button></form>", Escaped(view.submit)));
}

/// Whether the page that was left sent this beside what this one shows: it must not be lost over a mistake elsewhere.
fn is_sent_along(name: &str, view: &View<'_>) -> bool {
    let is_shown = view.fields.iter().any(|field| field.name == name) || view.consents.iter().any(|consent| consent.name == name);
    !is_shown && !["_locale", "_variant"].contains(&name) && !is_made_anew(name)
}

fn write_summary(out: &mut String, view: &View<'_>, typed: &Typed<'_>) {
    if let Some(failure) = typed.failure {
        put(out, format_args!("<div class=summary role=alert><p>{}</p></div>", Escaped(failure)));
    }
    if typed.violations.is_empty() {
        return;
    }
    put(out, format_args!("<div class=summary role=alert><p>{}</p><ul>", Escaped(view.texts.summary)));
    for violation in typed.violations {
        put(out, format_args!("<li><a href=\"#{}\">{}</a></li>", Escaped(&violation.field), Escaped(&violation.message)));
    }
    out.push_str("</ul></div>");
}

fn write_field(out: &mut String, view: &View<'_>, field: &FieldView<'_>, typed: &Typed<'_>) {
    let values = typed.values(field.name);
    let value = values.first().copied().or(field.value).unwrap_or_default();
    if field.r#type == Kind::Hidden {
        put(out, format_args!("<input type=hidden name=\"{}\" value=\"{}\">", Escaped(field.name), Escaped(value)));
        return;
    }
    let violation = typed.violation(field.name);
    let optional = if field.required { String::new() } else { format!(" <span class=help>({})</span>", Escaped(view.texts.optional)) };
    let (name, label) = (Escaped(field.name), Escaped(field.label));
    let common = format!(
        " id=\"{name}\" name=\"{name}\"{}{}{}",
        field.autocomplete.map(|token| format!(" autocomplete=\"{}\"", Escaped(token))).unwrap_or_default(),
        if field.required { " aria-required=true" } else { "" },
        invalid(violation)
    );
    out.push_str("<div class=field>");
    match field.r#type {
        Kind::Radio | Kind::Checkbox if !field.options.is_empty() => {
            put(out, format_args!("<fieldset id=\"{name}\"><legend>{label}{optional}</legend>"));
            for option in &field.options {
                let checked = if values.contains(&option.value) { " checked" } else { "" };
                put(
                    out,
                    format_args!(
                        "<label class=check><input type={} name=\"{name}\" value=\"{}\"{checked}><span>{}</span></label>",
                        field.r#type.as_str(),
                        Escaped(option.value),
                        Escaped(option.label)
                    ),
                );
            }
            out.push_str("</fieldset>");
        }
        Kind::Checkbox => {
            let checked = if values.is_empty() { "" } else { " checked" };
            put(out, format_args!("<label class=check><input type=checkbox{common}{checked}><span>{label}{optional}</span></label>"));
        }
        Kind::Select => {
            let multiple = if field.multiple { " multiple" } else { "" };
            put(out, format_args!("<label for=\"{name}\">{label}{optional}</label><select{common}{multiple}>"));
            if !field.multiple {
                put(out, format_args!("<option value=\"\">{}</option>", Escaped(view.texts.choose)));
            }
            for option in &field.options {
                let selected = if values.contains(&option.value) { " selected" } else { "" };
                put(out, format_args!("<option value=\"{}\"{selected}>{}</option>", Escaped(option.value), Escaped(option.label)));
            }
            out.push_str("</select>");
        }
        Kind::Textarea => {
            let rows = field.rows.unwrap_or(4);
            put(
                out,
                format_args!(
                    "<label for=\"{name}\">{label}{optional}</label><textarea{common} rows={rows}>\n{}</textarea>",
                    Escaped(value)
                ),
            );
        }
        kind => {
            let placeholder = field.placeholder.map(|text| format!(" placeholder=\"{}\"", Escaped(text))).unwrap_or_default();
            put(
                out,
                format_args!(
                    "<label for=\"{name}\">{label}{optional}</label><input type={}{common}{placeholder} value=\"{}\">",
                    kind.as_str(),
                    Escaped(value)
                ),
            );
        }
    }
    if let Some(help) = field.help {
        put(out, format_args!("<p class=help>{}</p>", Escaped(help)));
    }
    write_violation(out, violation);
    out.push_str("</div>");
}

fn invalid(violation: Option<&Violation>) -> String {
    violation.map(|it| format!(" aria-invalid=true aria-describedby=\"{}-error\"", Escaped(&it.field))).unwrap_or_default()
}

fn write_violation(out: &mut String, violation: Option<&Violation>) {
    if let Some(it) = violation {
        put(out, format_args!("<p class=error id=\"{}-error\">{}</p>", Escaped(&it.field), Escaped(&it.message)));
    }
}

/// What a visitor reads when their submission was turned away for something that is no field's.
#[must_use]
pub fn failure(locale: Locale, error: &Error) -> &'static str {
    let words = messages::words(locale);
    match error.code {
        Code::TooManyRequests => words.rate_limited,
        code if code.status().is_server_error() => words.unavailable,
        _ => words.failed,
    }
}
