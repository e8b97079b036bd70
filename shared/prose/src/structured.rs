//! What a document tells machines about itself, JSON-LD or microdata, held to what Google asks for before it shows more than a link.

mod json;
mod node;
mod rules;

use serde::Serialize;

use crate::document::Document;
use crate::span::Span;
use node::{Content, Node};
use rules::Rule;

/// Chosen: who has so many mends those first.
const MAX_FINDINGS: usize = 200;

/// Something that is wrong or missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The type of the outermost item, as schema.org names it; empty where it cannot be told.
    pub kind: String,
    /// The property, by way of those it stands in: `mainEntity[0].acceptedAnswer`.
    pub path: String,
    /// What is wrong.
    pub problem: Problem,
    /// Where: the value, else the item's type, else the item.
    pub span: Span,
}

/// What is wrong with structured data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Without it the item is not used.
    MissingRequired,
    /// Google recommends it.
    MissingRecommended,
    /// Text where an item belongs, or an item of another type.
    WrongType,
    /// Not JSON, from there on.
    BrokenJson,
    /// An item without a type, or with a name that schema.org writes otherwise.
    UnknownType,
    /// Not a date by ISO 8601.
    BadDate,
    /// Not a web address.
    BadUrl,
    /// Not a number with a point.
    BadNumber,
}

impl Problem {
    /// Whether the item cannot be used as it is.
    #[must_use]
    pub fn is_error(self) -> bool {
        self != Self::MissingRecommended
    }
}

/// Holds a document's structured data to what is asked of it.
#[must_use]
pub fn check(document: &Document) -> Vec<Finding> {
    let mut findings = Findings::default();
    for node in nodes(document, &mut findings) {
        findings.kind = node.kinds.first().map(|kind| shortened(kind).to_owned()).unwrap_or_default();
        findings.node(&node, &Path { around: None, name: "", index: None });
    }
    findings.list
}

/// The types of the outermost items, as schema.org names them, in order.
#[must_use]
pub fn kinds(document: &Document) -> Vec<String> {
    nodes(document, &mut Findings::default()).into_iter().flat_map(|node| node.kinds).collect()
}

fn nodes(document: &Document, findings: &mut Findings) -> Vec<Node> {
    let mut nodes = Vec::new();
    for text in &document.json_ld {
        match json::parse(text.as_str()) {
            Ok(value) => node::from_json(&value, text, &mut nodes, findings),
            Err(at) => {
                let next = text.as_str()[at..].chars().next().map_or(0, char::len_utf8);
                findings.kind.clear();
                findings.add(String::new(), Problem::BrokenJson, text.span(at..at + next));
            }
        }
    }
    nodes.extend(document.microdata.iter().filter(|item| node::is_of_schema_org(item)).map(node::from_item));
    nodes
}

#[derive(Default)]
struct Findings {
    kind: String,
    list: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, path: String, problem: Problem, span: Span) {
        if self.list.len() < MAX_FINDINGS {
            self.list.push(Finding { kind: self.kind.clone(), path, problem, span });
        }
    }

    /// Checks an item and what stands in it; only the outermost are held to what is merely recommended.
    fn node(&mut self, node: &Node, path: &Path<'_>) {
        if node.is_reference() {
            return;
        }
        if node.kinds.is_empty() && path.is_outermost() {
            self.add(path.to("@type"), Problem::UnknownType, node.span);
        }
        for kind in &node.kinds {
            match rules::of(kind) {
                Some(rule) => self.rule(node, rule, path),
                None if rules::is_misspelt(kind) => self.add(path.to("@type"), Problem::UnknownType, node.span),
                None => {}
            }
        }
        for (name, values) in &node.properties {
            for (index, value) in values.iter().enumerate() {
                if let Content::Node(inner) = &value.content {
                    self.node(inner, &Path { around: Some(path), name, index: Some(index).filter(|_| values.len() > 1) });
                }
            }
        }
    }

    fn rule(&mut self, node: &Node, rule: &Rule, path: &Path<'_>) {
        // Alternatives are written with a bar between; the first one is asked for.
        let lacks = |names: &&&'static str| !names.split('|').any(|name| node.has(name));
        let first = |names: &'static str| names.split('|').next().unwrap_or(names);
        for required in rule.required.iter().filter(lacks) {
            self.add(path.to(first(required)), Problem::MissingRequired, node.span);
        }
        if path.is_outermost() {
            for recommended in rule.recommended.iter().filter(lacks) {
                self.add(path.to(first(recommended)), Problem::MissingRecommended, node.span);
            }
        }
        for (name, expected) in rule.expected {
            for value in node.values(name) {
                if let Some(problem) = expected.problem(&value.content) {
                    self.add(path.to(name), problem, value.span);
                }
            }
        }
        if rule.kinds.contains(&"BreadcrumbList") {
            self.breadcrumbs(node, path);
        }
    }

    /// Every crumb has its place and a name, and all but the last an address; one alone leads nowhere.
    fn breadcrumbs(&mut self, node: &Node, path: &Path<'_>) {
        let name = "itemListElement";
        let crumbs = node.values(name);
        if crumbs.len() == 1 {
            let second = Path { around: Some(path), name, index: Some(1) };
            self.add(second.render(), Problem::MissingRequired, node.span);
        }
        for (index, crumb) in crumbs.iter().enumerate() {
            let Content::Node(item) = &crumb.content else { continue };
            if item.is_reference() {
                continue;
            }
            let place = Path { around: Some(path), name, index: Some(index) };
            let is_last = index + 1 == crumbs.len();
            let has_name = item.has("name") || item.has("item.name");
            for (name, is_there) in [("position", item.has("position")), ("name", has_name), ("item", is_last || item.has("item"))] {
                if !is_there {
                    self.add(place.to(name), Problem::MissingRequired, item.span);
                }
            }
        }
    }
}

/// By which properties an item is reached; written out only where something is found.
struct Path<'a> {
    around: Option<&'a Path<'a>>,
    name: &'a str,
    index: Option<usize>,
}

impl Path<'_> {
    fn is_outermost(&self) -> bool {
        self.around.is_none()
    }

    fn render(&self) -> String {
        let mut path = self.around.map(Path::render).unwrap_or_default();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(shortened(self.name));
        if let Some(index) = self.index {
            path.push_str(&format!("[{index}]"));
        }
        path
    }

    fn to(&self, name: &str) -> String {
        Path { around: Some(self), name, index: None }.render()
    }
}

/// Chosen: no name of schema.org's is longer.
fn shortened(name: &str) -> &str {
    &name[..name.floor_char_boundary(80)]
}

#[cfg(test)]
mod tests;
