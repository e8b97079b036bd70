//! One article: a question, other ways to ask it, and its answer. Read from Markdown with front matter or from JSON, and checked whole.
//! The id and the locale together name it: two languages of one article share the id.

use std::collections::BTreeSet;
use std::fmt::Display;

use orilla_core::Violation;
use orilla_text::Locale;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use url::Url;

use super::markdown;

/// Limits of an article. Chosen: far above what a person writes, low enough that a request's work is bounded.
const MAX_ID_BYTES: usize = 120;
const MAX_QUESTION_CHARS: usize = 500;
const MAX_PARAPHRASES: usize = 50;
const MAX_TAGS: usize = 20;
const MAX_LINKS: usize = 20;
const MAX_URL_BYTES: usize = 2_000;
/// The longest answer. Chosen: a long page of documentation.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// What is known of one question, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Shared with the same article in other languages.
    pub id: String,
    /// The language of everything below.
    pub locale: Locale,
    /// The question as the site words it.
    pub question: String,
    /// Other ways to ask it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paraphrases: Vec<String>,
    /// What it is about, for the site's own order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Where to read on; the first is where the answer is from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The answer, in Markdown.
    pub answer: String,
}

/// A place to read on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// What it is called; its address if the file says nothing.
    pub title: String,
    /// An address that is safe to follow, or a path on the site.
    pub url: String,
}

impl Link {
    /// A link, unless its address is one that no reader should be sent to.
    #[must_use]
    pub fn new(title: &str, url: &str) -> Option<Self> {
        let url = url.trim();
        let title = match title.split_whitespace().collect::<Vec<_>>().join(" ") {
            title if title.is_empty() => url.to_owned(),
            title => title,
        };
        is_address(url).then(|| Self { title, url: url.to_owned() })
    }
}

/// Whether a page may link to this: `https`, `http`, `mailto`, `tel`, or a path on the site.
fn is_address(url: &str) -> bool {
    let is_plain = !url.is_empty() && url.len() <= MAX_URL_BYTES && !url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    let is_path = (url.starts_with('/') && !url.starts_with("//")) || url.starts_with('#');
    let is_known = || Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http" | "mailto" | "tel"));
    is_plain && (is_path || is_known())
}

/// Violations as they are found.
#[derive(Debug, Default)]
pub(crate) struct Found(pub(crate) Vec<Violation>);

impl Found {
    /// Notes that something at `path` breaks the rule `code`.
    pub(crate) fn add(&mut self, path: impl Display, code: &'static str, message: impl Into<String>) {
        self.0.push(Violation { field: path.to_string(), code: code.into(), message: message.into() });
    }
}

impl Article {
    /// Reads Markdown: front matter in YAML between lines of three hyphens, then the answer.
    ///
    /// Errors: everything that is wrong.
    pub fn from_markdown(text: &str) -> Result<Self, Vec<Violation>> {
        let one = |code, message: &str| {
            let mut found = Found::default();
            found.add("front_matter", code, message);
            Err(found.0)
        };
        let Some((front, body)) = front_matter(text) else {
            return one("missing", "The file begins with a line `---`, then `id:`, `locale:` and `question:`, then a line `---`.");
        };
        // The reader says where it stopped; the words of the file are not for an answer to repeat.
        let fields: Json = match serde_saphyr::from_str(front) {
            Ok(fields) => fields,
            Err(_) => return one("yaml", "What stands between the two lines `---` is not YAML."),
        };
        let Json::Object(mut fields) = fields else {
            return one("type", "What stands between the two lines `---` is a list of `name: value`.");
        };
        if fields.contains_key("answer") {
            return one("unknown", "The answer is the text below the front matter, not a field of it.");
        }
        fields.insert("answer".to_owned(), Json::String(body.trim().to_owned()));
        Self::from_fields(&fields)
    }

    /// Reads a JSON object of the fields of this type. `lang` is taken for `locale`.
    ///
    /// Errors: everything that is wrong.
    pub fn from_json(json: &Json) -> Result<Self, Vec<Violation>> {
        match json {
            Json::Object(fields) => Self::from_fields(fields),
            _ => {
                let mut found = Found::default();
                found.add("body", "type", "An article is an object with `id`, `locale`, `question` and `answer`.");
                Err(found.0)
            }
        }
    }

    fn from_fields(fields: &Map<String, Json>) -> Result<Self, Vec<Violation>> {
        const KNOWN: [&str; 8] = ["id", "locale", "lang", "question", "paraphrases", "tags", "links", "answer"];
        let mut found = Found::default();
        for name in fields.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
            found.add(name, "unknown", "An article has `id`, `locale`, `question`, `paraphrases`, `tags`, `links` and `answer`.");
        }
        let id = text(fields, "id", &mut found);
        if !id.is_empty() && !is_id(&id) {
            found.add("id", "name", "An id is up to 120 letters, digits and signs without spaces, slashes, `?`, `#` or `%`.");
        }
        let tag_name = if fields.contains_key("locale") { "locale" } else { "lang" };
        let tag = text(fields, if fields.contains_key(tag_name) { tag_name } else { "locale" }, &mut found);
        let locale = Locale::of_tag(&tag);
        if !tag.is_empty() && locale.is_none() {
            found.add(tag_name, "locale", "The languages are `es` and `en`.");
        }
        let article = Self {
            id,
            locale: locale.unwrap_or(Locale::Es),
            question: line(&text(fields, "question", &mut found)),
            paraphrases: texts(fields, "paraphrases", MAX_PARAPHRASES, &mut found),
            tags: texts(fields, "tags", MAX_TAGS, &mut found),
            links: links(fields, &mut found),
            answer: text(fields, "answer", &mut found),
        };
        article.check(&mut found);
        if found.0.is_empty() { Ok(article) } else { Err(found.0) }
    }

    fn check(&self, found: &mut Found) {
        let is_said = |text: &str| text.chars().any(char::is_alphanumeric);
        let asked = std::iter::once(("question".to_owned(), &self.question));
        let others = self.paraphrases.iter().enumerate().map(|(at, it)| (format!("paraphrases[{at}]"), it));
        let mut seen = BTreeSet::new();
        for (path, text) in asked.chain(others).filter(|(_, text)| !text.is_empty()) {
            if !is_said(text) {
                found.add(&path, "empty", "A question has a word.");
            }
            if text.chars().count() > MAX_QUESTION_CHARS {
                found.add(&path, "too_long", format!("A question has {MAX_QUESTION_CHARS} characters at most."));
            }
            if !seen.insert(text.to_lowercase()) {
                found.add(&path, "duplicate", "This wording is there already.");
            }
        }
        if self.answer.len() > MAX_ANSWER_BYTES {
            found.add("answer", "too_long", format!("An answer has {MAX_ANSWER_BYTES} bytes at most."));
        } else if !self.answer.trim().is_empty() && !is_said(&markdown::plain(&self.answer).text) {
            found.add("answer", "empty", "An answer has a word.");
        }
    }

    /// Where the answer is from, if the article says so.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.links.first().map(|link| link.url.as_str())
    }
}

/// Whether a text can be an id: one segment of a path.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let is_part = |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, '/' | '\\' | '?' | '#' | '%');
    (1..=MAX_ID_BYTES).contains(&text.len()) && text.chars().all(is_part) && text != "." && text != ".."
}

/// The front matter and what follows it.
fn front_matter(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches('\u{feff}');
    let (first, rest) = text.split_once('\n')?;
    if first.trim_end() != "---" {
        return None;
    }
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((&rest[..at], &rest[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

/// One line, single spaces.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that must be there.
fn text(fields: &Map<String, Json>, name: &str, found: &mut Found) -> String {
    match fields.get(name) {
        Some(Json::String(text)) if !text.trim().is_empty() => return text.trim().to_owned(),
        // YAML reads an unquoted `007` or `2024` as a number; where an id is meant, it is one.
        Some(Json::Number(number)) if name == "id" => return number.to_string(),
        None | Some(Json::Null | Json::String(_)) => found.add(name, "required", "This is needed."),
        Some(_) => found.add(name, "type", "This is a text."),
    }
    String::new()
}

/// A list of lines, or one line.
fn texts(fields: &Map<String, Json>, name: &str, most: usize, found: &mut Found) -> Vec<String> {
    let items: &[Json] = match fields.get(name) {
        None | Some(Json::Null) => return Vec::new(),
        Some(Json::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
    };
    if items.len() > most {
        found.add(name, "too_many", format!("There are {}; at most {most} are taken.", items.len()));
    }
    let mut texts = Vec::new();
    for (at, item) in items.iter().enumerate().take(most) {
        match item {
            Json::String(text) if !text.trim().is_empty() => texts.push(line(text)),
            Json::String(_) => found.add(format!("{name}[{at}]"), "empty", "This is empty."),
            _ => found.add(format!("{name}[{at}]"), "type", "This is a text."),
        }
    }
    texts
}

/// A list of addresses, each alone or with a title.
fn links(fields: &Map<String, Json>, found: &mut Found) -> Vec<Link> {
    let items: &[Json] = match fields.get("links") {
        None | Some(Json::Null) => return Vec::new(),
        Some(Json::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
    };
    if items.len() > MAX_LINKS {
        found.add("links", "too_many", format!("There are {}; at most {MAX_LINKS} are taken.", items.len()));
    }
    let mut links = Vec::new();
    for (at, item) in items.iter().enumerate().take(MAX_LINKS) {
        let (title, url) = match item {
            Json::String(url) => ("", Some(url.as_str())),
            Json::Object(fields) => {
                (fields.get("title").and_then(Json::as_str).unwrap_or_default(), fields.get("url").and_then(Json::as_str))
            }
            _ => ("", None),
        };
        match url.map(|url| Link::new(title, url)) {
            Some(Some(link)) => links.push(link),
            Some(None) => {
                found.add(format!("links[{at}]"), "url", "A link is an https, http, mailto or tel address, or a path that begins with `/`.")
            }
            None => found.add(format!("links[{at}]"), "type", "A link is an address, or `title` and `url`."),
        }
    }
    links
}

#[cfg(test)]
mod tests;
