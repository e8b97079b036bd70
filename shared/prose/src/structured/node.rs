//! Items of JSON-LD and of microdata as one thing.

use std::collections::BTreeMap;

use super::json::{Json, Value as JsonValue};
use super::{Findings, Problem};
use crate::document::{Item, Value as ItemValue};
use crate::span::{Span, Text};

/// An item.
#[derive(Debug)]
pub(super) struct Node {
    /// As schema.org names them, without its address.
    pub(super) kinds: Vec<String>,
    /// By name; values in order.
    pub(super) properties: BTreeMap<String, Vec<Value>>,
    /// Its type where it stands, else the item.
    pub(super) span: Span,
    has_id: bool,
}

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) content: Content,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum Content {
    /// Text, a number as written, or a truth.
    Text(String),
    Node(Node),
}

impl Node {
    /// Whether it only names an item that stands elsewhere.
    pub(super) fn is_reference(&self) -> bool {
        self.has_id && self.kinds.is_empty() && self.properties.is_empty()
    }

    pub(super) fn values(&self, name: &str) -> &[Value] {
        self.properties.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a property says something; `a.b` is of the item that `a` is, and there if that one stands elsewhere.
    pub(super) fn has(&self, path: &str) -> bool {
        match path.split_once('.') {
            None => self.values(path).iter().any(|value| match &value.content {
                Content::Text(text) => !text.trim().is_empty(),
                Content::Node(_) => true,
            }),
            Some((name, rest)) => self.values(name).iter().any(|value| match &value.content {
                Content::Node(node) => node.is_reference() || node.has(rest),
                Content::Text(_) => false,
            }),
        }
    }

    fn add(&mut self, name: &str, value: Value) {
        self.properties.entry(plain(name)).or_default().push(value);
    }
}

/// The outermost items of a script.
pub(super) fn from_json(json: &Json, text: &Text, into: &mut Vec<Node>, findings: &mut Findings) {
    for value in json.all() {
        if !matches!(value.value, JsonValue::Object(_)) {
            findings.add(String::new(), Problem::WrongType, text.span(value.range.clone()));
            continue;
        }
        if !value.get("@context").is_some_and(is_schema_org) {
            findings.add("@context".to_owned(), Problem::MissingRequired, text.span(value.range.clone()));
        }
        match value.get("@graph") {
            Some(graph) => {
                into.extend(graph.all().iter().filter(|node| matches!(node.value, JsonValue::Object(_))).map(|node| object(node, text)))
            }
            None => into.push(object(value, text)),
        }
    }
}

fn is_schema_org(context: &Json) -> bool {
    context.all().iter().any(|context| match &context.value {
        JsonValue::Text(text) => without_address(&format!("{}/", text.trim_end_matches('/'))).is_some_and(str::is_empty),
        JsonValue::Object(_) => context.get("@vocab").is_some_and(is_schema_org),
        _ => false,
    })
}

fn object(json: &Json, text: &Text) -> Node {
    let kind = json.get("@type");
    let kinds = kind.map(|kind| kind.all().iter().filter_map(Json::text).map(plain).collect()).unwrap_or_default();
    let range = kind.map_or_else(|| json.range.clone(), |kind| kind.range.clone());
    let mut node = Node { kinds, properties: BTreeMap::new(), span: text.span(range), has_id: json.get("@id").is_some() };
    let JsonValue::Object(properties) = &json.value else { return node };
    for (name, value) in properties.iter().filter(|(name, _)| !name.starts_with('@')) {
        for value in value.all() {
            let span = text.span(value.range.clone());
            let content = match &value.value {
                JsonValue::Null | JsonValue::List(_) => continue,
                JsonValue::Bool => Content::Text("true".to_owned()),
                JsonValue::Number(text) | JsonValue::Text(text) => Content::Text(text.clone()),
                JsonValue::Object(_) => match value.get("@value").and_then(Json::text) {
                    Some(text) => Content::Text(text.to_owned()),
                    None => Content::Node(object(value, text)),
                },
            };
            node.add(name, Value { content, span });
        }
    }
    node
}

/// Whether an item is of one of schema.org's types, or of none.
pub(super) fn is_of_schema_org(item: &Item) -> bool {
    item.kinds.is_empty() || item.kinds.iter().any(|kind| without_address(kind).is_some())
}

/// An item of microdata.
pub(super) fn from_item(item: &Item) -> Node {
    let kinds = item.kinds.iter().map(|kind| plain(kind)).collect();
    let mut node = Node { kinds, properties: BTreeMap::new(), span: item.span, has_id: false };
    for (name, value) in &item.properties {
        let (content, span) = match value {
            ItemValue::Text(text) => (Content::Text(text.clone()), item.span),
            ItemValue::Item(inner) => (Content::Node(from_item(inner)), inner.span),
        };
        node.add(name, Value { content, span });
    }
    node
}

/// A name without schema.org's address.
fn plain(name: &str) -> String {
    let name = name.trim();
    without_address(name).or_else(|| name.strip_prefix("schema:")).unwrap_or(name).to_owned()
}

/// What stands behind schema.org's address, which is written with or without `s` and `www.`.
fn without_address(name: &str) -> Option<&str> {
    let rest = name.trim().strip_prefix("http")?;
    let rest = rest.strip_prefix('s').unwrap_or(rest).strip_prefix("://")?;
    rest.strip_prefix("www.").unwrap_or(rest).strip_prefix("schema.org/")
}
