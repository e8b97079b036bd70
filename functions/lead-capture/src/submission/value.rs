//! One field's answer: the value as it is stored, or every rule it breaks.

use orilla_text::email;
use serde_json::{Number, Value as Json};
use url::Url;

use crate::form::{Bound, Field, Kind, compile, date};
use crate::messages::Rule;

/// Reads what was given for a field; `None` if nothing was.
///
/// Errors: every rule that the answer breaks; a wrong type is told alone, since the other rules then say nothing.
pub fn read(field: &Field, given: Option<&Json>) -> Result<Option<Json>, Vec<Rule>> {
    let answer = match given {
        None | Some(Json::Null) => None,
        Some(given) => answer(field, given).map_err(|rule| vec![rule])?,
    };
    match answer {
        None if field.required => Err(vec![Rule::Required]),
        None => Ok(None),
        Some(answer) => {
            let broken = broken(field, &answer);
            if broken.is_empty() { Ok(Some(answer)) } else { Err(broken) }
        }
    }
}

/// Whether a value says yes: what JSON, HTML and hand-written clients send for a ticked box.
#[must_use]
pub fn is_yes(value: &Json) -> bool {
    match value {
        Json::Bool(is_given) => *is_given,
        Json::Number(number) => number.as_i64() == Some(1),
        Json::String(text) => ["on", "true", "1", "yes"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes)),
        // A hidden "no" before the box is a common habit of server-side frameworks.
        Json::Array(items) => items.iter().any(|item| !item.is_array() && is_yes(item)),
        Json::Null | Json::Object(_) => false,
    }
}

fn is_no(value: &Json) -> bool {
    match value {
        Json::Bool(is_given) => !is_given,
        Json::Number(number) => number.as_i64() == Some(0),
        Json::String(text) => ["", "off", "false", "0", "no"].iter().any(|no| text.trim().eq_ignore_ascii_case(no)),
        Json::Array(items) => items.iter().all(|item| !item.is_array() && is_no(item)),
        Json::Null => true,
        Json::Object(_) => false,
    }
}

/// The answer in the type of its field; `None` for an empty one.
fn answer(field: &Field, given: &Json) -> Result<Option<Json>, Rule> {
    match field.kind {
        Kind::Checkbox if !field.is_list() => {
            if is_yes(given) {
                Ok(Some(Json::Bool(true)))
            } else if !is_no(given) {
                Err(Rule::TypeText)
            } else if field.required {
                Ok(None)
            } else {
                Ok(Some(Json::Bool(false)))
            }
        }
        _ if field.is_list() => list(given),
        Kind::Number => number(given),
        Kind::Textarea => Ok(text(given)?.map(|text| text.replace("\r\n", "\n").replace('\r', "\n").into())),
        _ => Ok(text(given)?.map(Json::from)),
    }
}

/// Text without the spaces around it. A number is text too; a list of one is that one.
fn text(given: &Json) -> Result<Option<String>, Rule> {
    match given {
        Json::String(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Json::Number(number) => Ok(Some(number.to_string())),
        Json::Array(items) => match items.as_slice() {
            [] => Ok(None),
            [only] if !only.is_array() => text(only),
            _ => Err(Rule::TypeText),
        },
        Json::Null => Ok(None),
        Json::Bool(_) | Json::Object(_) => Err(Rule::TypeText),
    }
}

/// Different texts, in the order given.
fn list(given: &Json) -> Result<Option<Json>, Rule> {
    let items = match given {
        Json::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut texts: Vec<Json> = Vec::new();
    for item in items {
        let item = if item.is_array() { Err(Rule::TypeText) } else { text(item) };
        texts.extend(item?.map(Json::from).filter(|text| !texts.contains(text)));
    }
    Ok(Some(Json::Array(texts)).filter(|list| list.as_array().is_some_and(|list| !list.is_empty())))
}

/// A number, kept exactly where it is whole.
fn number(given: &Json) -> Result<Option<Json>, Rule> {
    if let Json::Number(number) = given {
        return Ok(Some(Json::Number(number.clone())));
    }
    let Some(text) = text(given).map_err(|_| Rule::TypeNumber)? else { return Ok(None) };
    if !is_number(&text) {
        return Err(Rule::TypeNumber);
    }
    let whole = text.parse::<i64>().ok().map(Number::from);
    let number = whole.or_else(|| text.parse().ok().and_then(Number::from_f64)).ok_or(Rule::TypeNumber)?;
    Ok(Some(Json::Number(number)))
}

/// Source: WHATWG HTML, "valid floating-point number".
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let is_mantissa = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole.is_empty() || digits(whole)) && digits(fraction),
        None => digits(mantissa),
    };
    is_mantissa && exponent.is_none_or(digits)
}

fn broken(field: &Field, answer: &Json) -> Vec<Rule> {
    let mut broken = Vec::new();
    match answer {
        Json::Number(number) => broken_range(field, &Bound::Number(number.as_f64().unwrap_or(f64::NAN)), &mut broken),
        Json::Array(items) => {
            if !items.iter().all(|item| item.as_str().is_some_and(|item| is_option(field, item))) {
                broken.push(Rule::Choice);
            }
        }
        Json::String(text) => broken_text(field, text, &mut broken),
        Json::Null | Json::Bool(_) | Json::Object(_) => {}
    }
    broken
}

fn broken_text(field: &Field, text: &str, broken: &mut Vec<Rule>) {
    let wrong_type = match field.kind {
        Kind::Email if email::parse(text).is_none() => Some(Rule::TypeEmail),
        Kind::Tel if !is_tel(text) => Some(Rule::TypeTel),
        Kind::Url if !is_web_address(text) => Some(Rule::TypeUrl),
        Kind::Select | Kind::Radio if !is_option(field, text) => Some(Rule::Choice),
        _ => None,
    };
    if let Some(rule) = wrong_type {
        broken.push(rule);
        return;
    }
    if field.kind == Kind::Date {
        match date(text) {
            Some(day) => broken_range(field, &Bound::Date(day), broken),
            None => broken.push(Rule::TypeDate),
        }
        return;
    }
    if !field.kind.is_free_text() {
        return;
    }
    let chars = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    broken.extend(field.min_length.filter(|least| chars < *least).map(Rule::TooShort));
    broken.extend(Some(field.max_chars()).filter(|most| chars > *most).map(Rule::TooLong));
    // A pattern that does not compile was never applied; if one is there all the same, no lead is lost over it.
    let pattern = field.pattern.as_deref().and_then(|pattern| compile(pattern).ok());
    if pattern.is_some_and(|pattern| !pattern.is_match(text)) {
        broken.push(Rule::Pattern);
    }
}

fn broken_range(field: &Field, value: &Bound, broken: &mut Vec<Rule>) {
    broken.extend(field.min.clone().filter(|min| value < min).map(Rule::TooSmall));
    broken.extend(field.max.clone().filter(|max| value > max).map(Rule::TooLarge));
    if let (Some(step), Bound::Number(number)) = (field.step, value) {
        let base = match field.min {
            Some(Bound::Number(min)) => min,
            _ => 0.0,
        };
        let steps = (number - base) / step;
        // Chosen: forgives what binary fractions do to steps such as 0.1.
        if (steps - steps.round()).abs() > 1e-6 {
            broken.push(Rule::Step(step));
        }
    }
}

fn is_option(field: &Field, text: &str) -> bool {
    field.options.iter().any(|option| option.value == text)
}

/// Chosen: what people write as a number to call, with at least five digits. HTML asks for nothing here.
fn is_tel(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || " +-./()#*,;x".contains(c) || c == '\u{a0}';
    let spoken = text.to_ascii_lowercase().replace("extension", "x").replace("ext", "x");
    spoken.chars().all(is_part) && text.bytes().filter(u8::is_ascii_digit).count() >= 5
}

/// Source: WHATWG HTML, "valid URL string", narrowed to addresses on the web.
fn is_web_address(text: &str) -> bool {
    let url = Url::parse(text);
    url.is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.host_str().is_some_and(|host| !host.is_empty()))
}
