//! What was sent, read: a request's JSON becomes a text to judge, or every reason why it cannot.

use orilla_core::sites::SiteId;
use orilla_core::{Code, Error, Violation};
use orilla_prose::document::Format;
use orilla_text::Locale;
use serde_json::{Map, Value as Json};
use url::Url;

use crate::asked::{Asked, Kind};
use crate::routes::CONTENT_BYTES;
use crate::settings::Choice;

/// The longest of each field, in characters. Chosen: several times what anybody searches for, shows or reads; what is longer is something else.
const KEYPHRASE_CHARS: usize = 200;
const TITLE_CHARS: usize = 1_000;
const META_CHARS: usize = 5_000;
const NAME_CHARS: usize = 200;
const URL_CHARS: usize = 2_048;
/// The most synonyms. Chosen: as many as anybody has written down.
const SYNONYMS: usize = 50;

/// A request, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// What is to be judged; without its content where `is_remote`.
    pub asked: Asked,
    /// Whether the content is to be fetched from [`Asked::url`].
    pub is_remote: bool,
    /// By whose thresholds; the site's choice, if it says nothing.
    pub profile: Option<Choice>,
    /// Under which name what came of it is kept.
    pub document: Option<String>,
    /// What the client calls this version of it.
    pub version: Option<String>,
    /// The site that a visitor's page names.
    pub site: Option<SiteId>,
}

/// What a request may say besides what every one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// A text, or where it stands.
    Score,
    /// A text; nothing is fetched or kept for a visitor.
    Check,
    /// Where a page stands; its text is its own.
    Page,
}

impl Manner {
    fn has(self, name: &str) -> bool {
        match name {
            "keyphrase" | "synonyms" | "locale" | "kind" | "profile" | "url" | "persona" | "meaning" => true,
            "content" | "format" | "title" | "meta_description" | "slug" | "subject" | "preview" => self != Self::Page,
            "document" | "version" => self == Self::Score,
            "site" => self == Self::Check,
            _ => false,
        }
    }
}

/// Reads a request.
///
/// Errors: `TooLarge` for a text of more than [`CONTENT_BYTES`]; `Invalid` with everything else that is wrong.
pub fn read(fields: &Map<String, Json>, manner: Manner) -> Result<Sent, Error> {
    if fields.get("content").and_then(Json::as_str).is_some_and(|text| text.len() > CONTENT_BYTES) {
        return Err(Error::new(Code::TooLarge, format!("A text has at most {CONTENT_BYTES} bytes.")));
    }
    let mut reading = Reading { fields, found: Vec::new() };
    for name in fields.keys().filter(|name| !manner.has(name)) {
        reading.refuse(name, "unknown", "This request takes no field of this name; see /openapi.json.");
    }
    let kind = reading.one("kind", KINDS).unwrap_or_default();
    let content = reading.text("content", usize::MAX).filter(|_| manner != Manner::Page);
    let url = reading.url();
    let is_remote = content.is_none() && url.is_some() && manner != Manner::Check;
    if content.is_none() && !is_remote && (manner == Manner::Page || !reading.is_refused("content")) && !reading.is_refused("url") {
        match manner {
            Manner::Score => reading.refuse("content", "required", "Send the text as `content`, or where it stands as `url`."),
            Manner::Check => reading.refuse("content", "required", "Send the text as `content`."),
            Manner::Page => reading.refuse("url", "required", "Say where the page stands."),
        }
    }
    let format = reading.one("format", FORMATS);
    if is_remote && format.is_some() {
        reading.refuse("format", "not_here", "A page that is fetched says itself what it is written in.");
    }
    let (title, subject) = (reading.line("title", TITLE_CHARS), reading.line("subject", TITLE_CHARS));
    if title.is_some() && subject.is_some() {
        reading.refuse("subject", "twice", "An e-mail's subject is its title: send one of them.");
    }
    let content = content.unwrap_or_default();
    let asked = Asked {
        format: format.unwrap_or_else(|| guessed(&content)),
        keyphrase: reading.line("keyphrase", KEYPHRASE_CHARS),
        synonyms: reading.synonyms(),
        title: title.or(subject),
        meta_description: reading.line("meta_description", META_CHARS),
        slug: reading.line("slug", NAME_CHARS),
        url,
        locale: reading.locale(),
        kind,
        persona: reading.line("persona", TITLE_CHARS),
        preview: reading.line("preview", TITLE_CHARS),
        hears_meaning: reading.flag("meaning").unwrap_or(true),
        content,
    };
    let profile = reading.one("profile", PROFILES);
    let document = reading.name("document");
    let version = reading.line("version", NAME_CHARS);
    if version.is_some() && document.is_none() && !reading.is_refused("document") {
        reading.refuse("version", "alone", "A version is one of a document: name it as `document`.");
    }
    let site = reading.site();
    let sent = Sent { asked, is_remote, profile, document, version, site };
    if reading.found.is_empty() { Ok(sent) } else { Err(Error::invalid("The text cannot be judged as it was sent.", reading.found)) }
}

/// Reads a name as it stands in a path.
///
/// Errors: `NotFound` for what is none.
pub fn name(text: &str) -> Result<&str, Error> {
    if is_name(text) { Ok(text) } else { Err(Error::not_found("A name has 1 to 200 characters, and none that cannot be seen.")) }
}

fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS).contains(&text.chars().count()) && text.trim() == text && !text.chars().any(char::is_control)
}

const KINDS: &[(&str, Kind)] = &[
    ("landing", Kind::Landing),
    ("blog", Kind::Blog),
    ("email", Kind::Email),
    ("whitepaper", Kind::Whitepaper),
    ("case_study", Kind::CaseStudy),
];
const FORMATS: &[(&str, Format)] =
    &[("html", Format::Html), ("markdown", Format::Markdown), ("plain", Format::Plain), ("text", Format::Plain)];
const PROFILES: &[(&str, Choice)] = &[("brief", Choice::Brief), ("yoast", Choice::Yoast), ("own", Choice::Own)];

/// HTML where a tag begins, else plain: who writes Markdown says so.
fn guessed(content: &str) -> Format {
    let mut bytes = content.as_bytes().windows(2);
    let is_html = bytes.any(|pair| matches!(pair, [b'<', after] if after.is_ascii_alphabetic() || *after == b'!' || *after == b'/'));
    if is_html { Format::Html } else { Format::Plain }
}

struct Reading<'a> {
    fields: &'a Map<String, Json>,
    found: Vec<Violation>,
}

impl Reading<'_> {
    fn refuse(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.found.push(Violation { field: field.to_owned(), code: code.into(), message: message.into() });
    }

    fn is_refused(&self, field: &str) -> bool {
        self.found.iter().any(|it| it.field == field)
    }

    /// A text as it stands; `null` is none.
    fn text(&mut self, name: &str, most: usize) -> Option<String> {
        let text = match self.fields.get(name)? {
            Json::Null => return None,
            Json::String(text) => text,
            _ => {
                self.refuse(name, "type", format!("`{name}` is a text."));
                return None;
            }
        };
        if most < usize::MAX && text.chars().count() > most {
            self.refuse(name, "length", format!("`{name}` has at most {most} characters."));
            return None;
        }
        Some(text.clone())
    }

    /// A text without white space around it; an empty one is none.
    fn line(&mut self, name: &str, most: usize) -> Option<String> {
        self.text(name, most).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn name(&mut self, name: &str) -> Option<String> {
        let text = self.text(name, usize::MAX)?;
        if !is_name(&text) {
            self.refuse(name, "name", "A name has 1 to 200 characters, and none that cannot be seen.");
            return None;
        }
        Some(text)
    }

    fn flag(&mut self, name: &str) -> Option<bool> {
        match self.fields.get(name)? {
            Json::Null => None,
            Json::Bool(flag) => Some(*flag),
            _ => {
                self.refuse(name, "type", format!("`{name}` is true or false."));
                None
            }
        }
    }

    fn one<T: Copy>(&mut self, name: &str, of: &[(&str, T)]) -> Option<T> {
        let text = self.text(name, usize::MAX)?;
        let found = of.iter().find(|(known, _)| *known == text).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<_> = of.iter().map(|(name, _)| *name).collect();
            self.refuse(name, "choice", format!("`{name}` is one of {}.", names.join(", ")));
        }
        found
    }

    fn locale(&mut self) -> Option<Locale> {
        let tag = self.line("locale", NAME_CHARS)?;
        let locale = Locale::of_tag(&tag);
        if locale.is_none() {
            self.refuse("locale", "language", "`locale` is es or en; without it the language is told from the text, block by block.");
        }
        locale
    }

    fn url(&mut self) -> Option<Url> {
        let text = self.line("url", URL_CHARS)?;
        let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if url.is_none() {
            self.refuse("url", "url", "`url` is an absolute address that begins with https://.");
        }
        url
    }

    fn site(&mut self) -> Option<SiteId> {
        let text = self.line("site", NAME_CHARS)?;
        let site = SiteId::parse(&text);
        if site.is_none() {
            self.refuse("site", "site", "A site's public id is a UUID.");
        }
        site
    }

    fn synonyms(&mut self) -> Vec<String> {
        let list = match self.fields.get("synonyms") {
            None | Some(Json::Null) => return Vec::new(),
            Some(Json::Array(list)) => list,
            Some(_) => {
                self.refuse("synonyms", "type", "`synonyms` is a list of texts.");
                return Vec::new();
            }
        };
        if list.len() > SYNONYMS {
            self.refuse("synonyms", "length", format!("There are at most {SYNONYMS} synonyms."));
        }
        let mut read = Vec::new();
        for (at, item) in list.iter().enumerate() {
            match item.as_str().map(str::trim) {
                Some(text) if text.chars().count() <= KEYPHRASE_CHARS => read.push(text.to_owned()),
                _ => {
                    self.refuse(&format!("synonyms[{at}]"), "type", format!("A synonym is a text of at most {KEYPHRASE_CHARS} characters."))
                }
            }
        }
        read.retain(|text| !text.is_empty());
        read
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Json) -> Map<String, Json> {
        value.as_object().cloned().unwrap()
    }

    #[track_caller]
    fn refused(value: Json, manner: Manner, expect: &[(&str, &str)]) {
        let found = read(&map(value), manner).unwrap_err().violations;
        let found: Vec<_> = found.iter().map(|it| (it.field.as_str(), it.code.as_ref())).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn every_violation_is_told_at_once() {
        let sent = json!({
            "content": 7, "format": "docx", "kind": "poem", "locale": "fr", "profile": "mine", "url": "ftp://x", "synonyms": ["a", 1],
            "keyphrase": "x".repeat(201), "document": " ", "wat": true, "meaning": "no", "title": "a", "subject": "b",
        });
        let expect = [
            ("wat", "unknown"),
            ("kind", "choice"),
            ("content", "type"),
            ("url", "url"),
            ("format", "choice"),
            ("subject", "twice"),
            ("keyphrase", "length"),
            ("synonyms[1]", "type"),
            ("locale", "language"),
            ("meaning", "type"),
            ("profile", "choice"),
            ("document", "name"),
        ];
        refused(sent, Manner::Score, &expect);
        refused(json!({}), Manner::Score, &[("content", "required")]);
        refused(json!({ "content": null, "version": "2" }), Manner::Score, &[("content", "required"), ("version", "alone")]);
        refused(
            json!({ "url": "https://a.example/x", "document": "d" }),
            Manner::Check,
            &[("document", "unknown"), ("content", "required")],
        );
        refused(
            json!({ "content": "a", "title": "b" }),
            Manner::Page,
            &[("content", "unknown"), ("title", "unknown"), ("url", "required")],
        );
    }

    #[test]
    fn a_url_alone_is_fetched_and_one_beside_a_text_says_where_it_stands() {
        let alone = read(&map(json!({ "url": "https://a.example/x" })), Manner::Score).unwrap();
        assert!(alone.is_remote && alone.asked.content.is_empty());
        let beside = read(&map(json!({ "url": "https://a.example/x", "content": "" })), Manner::Score).unwrap();
        assert!(!beside.is_remote && beside.asked.url.is_some());
    }

    #[test]
    fn what_a_text_is_written_in_is_guessed_where_nobody_says() {
        for (text, expect) in [
            ("<p>a</p>", Format::Html),
            ("<!doctype html>", Format::Html),
            ("1 < 2 and 3 > 2", Format::Plain),
            ("# a", Format::Plain),
            ("", Format::Plain),
        ] {
            assert_eq!(guessed(text), expect, "{text}");
        }
        let said = read(&map(json!({ "content": "# a", "format": "markdown" })), Manner::Score).unwrap();
        assert_eq!(said.asked.format, Format::Markdown);
    }

    #[test]
    fn a_text_that_is_too_large_is_no_violation_but_too_large() {
        let error = read(&map(json!({ "content": "x".repeat(CONTENT_BYTES + 1), "kind": "poem" })), Manner::Score).unwrap_err();
        assert_eq!(error.code, Code::TooLarge);
    }
}
