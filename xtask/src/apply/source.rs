//! One TOML file as JSON, with the line of every path in it, and `${ENV:NAME}` filled in.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Number, Value as Json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is set in the environment.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// A file that was read.
#[derive(Debug, Default)]
pub struct Source {
    /// Its content.
    pub json: Json,
    /// The line of each path, from 1. Paths are spelt as the server spells them: `fields[0].label.es`.
    pub lines: BTreeMap<String, usize>,
    /// What was wrong, by line.
    pub problems: Vec<(usize, String)>,
    /// What was left out on purpose.
    pub notes: Vec<String>,
}

/// Reads one file, of which every path begins with `root`.
pub fn read(text: &str, root: &str, environment: Environment<'_>) -> Source {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { text, environment, source: Source::default() };
    if !errors.is_empty() {
        for error in errors {
            let line = error.span().map_or(1, |span| reader.line(&span));
            reader.source.problems.push((line, error.message().to_owned()));
        }
        reader.source.problems.sort();
        return reader.source;
    }
    reader.source.lines.insert(root.to_owned(), 1);
    reader.source.json = reader.table(table.get_ref(), root).unwrap_or_default();
    reader.source
}

struct Reader<'t> {
    text: &'t str,
    environment: Environment<'t>,
    source: Source,
}

/// A table of a list is left out, because of an optional variable that is not set.
struct LeftOut(String);

impl Reader<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    fn problem(&mut self, span: &Range<usize>, message: impl Into<String>) {
        let line = self.line(span);
        self.source.problems.push((line, message.into()));
    }

    fn table(&mut self, table: &DeTable<'_>, at: &str) -> Result<Json, LeftOut> {
        let mut object = Map::new();
        for (name, value) in table {
            let path = format!("{at}.{}", name.get_ref());
            let line = self.line(&name.span());
            self.source.lines.insert(path.clone(), line);
            object.insert(name.get_ref().to_string(), self.value(value, &path)?);
        }
        Ok(Json::Object(object))
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, at: &str) -> Result<Json, LeftOut> {
        let span = value.span();
        Ok(match value.get_ref() {
            DeValue::String(text) => Json::String(self.fill(text, &span)?),
            DeValue::Boolean(is) => Json::Bool(*is),
            DeValue::Datetime(datetime) => Json::String(datetime.to_string()),
            DeValue::Table(table) => self.table(table, at)?,
            DeValue::Array(items) => self.list(items.iter(), at),
            DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(integer) => integer.into(),
                Err(_) => self.refuse(&span, "this number is too large"),
            },
            DeValue::Float(float) => match float.as_str().parse().ok().and_then(Number::from_f64) {
                Some(number) => Json::Number(number),
                None => self.refuse(&span, "a number must be finite"),
            },
        })
    }

    fn refuse(&mut self, span: &Range<usize>, message: &str) -> Json {
        self.problem(span, message);
        Json::Null
    }

    /// A list without its tables that are left out; indices count what remains, as the server will.
    fn list<'v, 'i: 'v>(&mut self, items: impl Iterator<Item = &'v Spanned<DeValue<'i>>>, at: &str) -> Json {
        let mut list: Vec<Json> = Vec::new();
        for item in items {
            let path = format!("{at}[{}]", list.len());
            let line = self.line(&item.span());
            self.source.lines.insert(path.clone(), line);
            match self.value(item, &path) {
                Ok(value) => list.push(value),
                Err(LeftOut(name)) => {
                    self.source.lines.retain(|known, _| !known.starts_with(&path));
                    self.source.notes.push(format!("line {line}: left out, since {name} is not set"));
                }
            }
        }
        Json::Array(list)
    }

    /// Fills in `${ENV:NAME}`; with `${ENV:NAME?}` a list leaves the whole table out while the variable is not set.
    fn fill(&mut self, text: &str, span: &Range<usize>) -> Result<String, LeftOut> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${ENV:") {
            let Some((name, remainder)) = after.split_once('}') else {
                self.problem(span, "`${ENV:` is not closed by `}`");
                return Ok(String::new());
            };
            filled.push_str(before);
            rest = remainder;
            let (name, is_optional) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
            match (self.environment)(name).filter(|value| !value.is_empty()) {
                Some(value) => filled.push_str(&value),
                None if is_optional => return Err(LeftOut(name.to_owned())),
                None => self.problem(span, format!("the environment variable {name} is not set")),
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }
}
