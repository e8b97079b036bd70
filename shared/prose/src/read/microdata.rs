//! Microdata: items, their properties, and what those say.

use super::attributes::Attributes;
use crate::document::{Item, Value};
use crate::span::Span;

/// A property's text is read no further than this. Chosen: whether it is there and well formed is told by less.
const MAX_VALUE_BYTES: usize = 2_000;

/// So many properties may be read at a time, one within the other. Chosen: it bounds the work on nested ones, and real pages have two.
const MAX_OPEN: usize = 8;

/// Items and properties whose ends are not reached.
#[derive(Debug, Default)]
pub(super) struct Microdata {
    items: Vec<OpenItem>,
    properties: Vec<OpenProperty>,
}

#[derive(Debug)]
struct OpenItem {
    serial: usize,
    item: Item,
    /// What it is of the item around it.
    property: Option<String>,
}

#[derive(Debug)]
struct OpenProperty {
    serial: usize,
    /// How many items were open around it.
    depth: usize,
    names: Vec<String>,
    text: String,
}

impl Microdata {
    /// An element begins; `serial` is none where it has no end.
    pub(super) fn begin(&mut self, name: &str, attributes: &Attributes, span: Span, serial: Option<usize>) {
        let names = || attributes.words("itemprop").map(str::to_owned).collect::<Vec<_>>();
        if attributes.has("itemscope") {
            if let Some(serial) = serial {
                let kinds = attributes.words("itemtype").map(str::to_owned).collect();
                let item = Item { kinds, properties: Vec::new(), span };
                self.items.push(OpenItem { serial, item, property: names().into_iter().next() });
            }
            return;
        }
        if !attributes.has("itemprop") {
            return;
        }
        let Some(holder) = self.items.last_mut() else { return };
        match (value(name, attributes), serial) {
            (Some(value), _) => {
                holder.item.properties.extend(names().into_iter().map(|name| (name, Value::Text(value.trim().to_owned()))));
            }
            (None, Some(serial)) if self.properties.len() < MAX_OPEN => {
                let depth = self.items.len();
                self.properties.push(OpenProperty { serial, depth, names: names(), text: String::new() });
            }
            _ => {}
        }
    }

    /// Takes text, seen or not.
    pub(super) fn text(&mut self, value: &str) {
        for property in &mut self.properties {
            let room = MAX_VALUE_BYTES.saturating_sub(property.text.len());
            property.text.push_str(&value[..value.floor_char_boundary(room)]);
        }
    }

    /// The element ends.
    pub(super) fn end(&mut self, serial: usize, end: usize, found: &mut Vec<Item>) {
        if let Some(index) = self.properties.iter().rposition(|property| property.serial == serial) {
            let property = self.properties.remove(index);
            let holder = property.depth.checked_sub(1).and_then(|index| self.items.get_mut(index));
            if let Some(holder) = holder {
                let value = property.text.split_whitespace().collect::<Vec<_>>().join(" ");
                holder.item.properties.extend(property.names.into_iter().map(|name| (name, Value::Text(value.clone()))));
            }
        }
        // An item's element is never closed before what stands in it, so it is the innermost.
        while let Some(mut open) = self.items.pop_if(|open| open.serial >= serial) {
            open.item.span.end = end;
            match (self.items.last_mut(), open.property) {
                (Some(holder), Some(name)) => holder.item.properties.push((name, Value::Item(open.item))),
                _ => found.push(open.item),
            }
        }
    }
}

/// What an element says otherwise than by its text.
///
/// Source: HTML Living Standard, §5.2.4 (values); `content` counts on every element, as Google reads it.
fn value(name: &str, attributes: &Attributes) -> Option<String> {
    let content = attributes.get("content");
    let said = match name {
        "meta" => return Some(content.unwrap_or_default().to_owned()),
        "a" | "area" | "link" => attributes.get("href"),
        "img" | "audio" | "embed" | "iframe" | "source" | "track" | "video" => attributes.get("src"),
        "object" => attributes.get("data"),
        "data" | "meter" => attributes.get("value"),
        "time" => attributes.get("datetime"),
        _ => None,
    };
    content.or(said).map(str::to_owned)
}
