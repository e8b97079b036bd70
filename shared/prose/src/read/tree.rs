//! Which elements a tag opens and closes: the tree that browsers build, as far as it changes what is read. Wrongly placed content of tables
//! stays where it stands, and what an unclosed `b` emphasises ends with its paragraph.

use html5gum::State;

use super::attributes::Attributes;
use super::builder::Builder;
use super::names::{self, BLOCK, BREAKOUT, CELL, CLOSES_P, FORMATTING, HEADING, LIST, SCOPE, SPECIAL, TABLE_PART, VOID};
use super::stack::{self, Open};
use crate::span::Span;

impl Builder {
    /// Takes a start tag, and says how what follows is to be cut into tokens if not as usual.
    ///
    /// Source: HTML Living Standard, §13.2.6.4 and §13.2.6.5.
    pub(super) fn start(&mut self, name: &str, attributes: &Attributes, span: Span, is_self_closing: bool) -> Option<State> {
        self.at = span.start;
        let name = if name == "image" { "img" } else { name };
        let flags = names::flags(name);
        if self.is_foreign() {
            if flags & BREAKOUT == 0 {
                if !is_self_closing {
                    self.open(name, attributes, span);
                }
                return None;
            }
            while self.is_foreign() && self.pop(None) {}
        }
        match name {
            "html" | "body" => {
                self.root(name, attributes, span);
                return None;
            }
            "head" | "frameset" => return None,
            // One in another ends it, and is none itself.
            "select" if self.close_select() => return None,
            _ => {}
        }
        if flags & TABLE_PART != 0 && !self.make_room_in_table(name, span) {
            return None;
        }
        self.close_implied(name, flags, attributes);
        if flags & VOID != 0 {
            self.void(name, attributes, span);
            return None;
        }
        if matches!(name, "svg" | "math") && is_self_closing {
            return None;
        }
        self.open(name, attributes, span);
        self.skips_newline = matches!(name, "pre" | "listing" | "textarea");
        match name {
            "title" | "textarea" => Some(State::RcData),
            "script" => Some(State::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => Some(State::RawText),
            "plaintext" => Some(State::PlainText),
            _ => None,
        }
    }

    /// Takes an end tag.
    pub(super) fn end(&mut self, name: &str, span: Span) {
        self.at = span.start;
        self.skips_newline = false;
        let flags = names::flags(name);
        if self.is_foreign() {
            let inner = stack::find(&self.stack, |open| open.is(name), |open| !open.context.is_foreign);
            if let Some(index) = inner {
                self.pop_to(index, span);
                return;
            }
        }
        match name {
            "html" | "body" | "head" => {}
            "br" => self.line_break(span),
            "p" => match self.open_paragraph() {
                Some(index) => self.pop_to(index, span),
                None => self.flush(None),
            },
            "form" => self.close_alone(|open| open.is("form"), |open| open.has(SCOPE), span),
            _ if flags & HEADING != 0 => self.close_in_scope(|open| open.has(HEADING), span),
            "li" => {
                let found = stack::find(&self.stack, |open| open.is("li"), |open| open.has(SCOPE) || (open.has(LIST) && !open.is("dl")));
                found.into_iter().for_each(|index| self.pop_to(index, span));
            }
            "table" | "tr" | "td" | "th" | "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => {
                let found = stack::find(&self.stack, |open| open.is(name), |open| open.is("table") || open.is("template"));
                found.into_iter().for_each(|index| self.pop_to(index, span));
            }
            "template" => {
                let found = stack::find(&self.stack, |open| open.is("template"), |_| false);
                found.into_iter().for_each(|index| self.pop_to(index, span));
            }
            _ if flags & FORMATTING != 0 => self.close_formatting(name, span),
            _ if flags & SPECIAL != 0 => self.close_in_scope(|open| open.is(name), span),
            _ => {
                let found = stack::find(&self.stack, |open| open.is(name), |open| open.has(SPECIAL));
                found.into_iter().for_each(|index| self.pop_to(index, span));
            }
        }
    }

    /// `html` and `body` are opened once, and before any text; a later one only adds what is not said yet.
    fn root(&mut self, name: &str, attributes: &Attributes, span: Span) {
        let is_first =
            self.stack.iter().all(|open| open.is("html") && name == "body") && self.draft.is_none() && self.document.blocks.is_empty();
        if is_first {
            self.open(name, attributes, span);
        } else if name == "html" {
            self.head_lang(attributes);
        }
    }

    /// What ends because `name` begins.
    fn close_implied(&mut self, name: &str, flags: u32, attributes: &Attributes) {
        if name == "li" {
            self.close_item(&["li"]);
        } else if matches!(name, "dd" | "dt") {
            self.close_item(&["dd", "dt"]);
        }
        if flags & CLOSES_P != 0 {
            self.close_paragraph();
        }
        if flags & HEADING != 0 && self.stack.last().is_some_and(|open| open.has(HEADING)) {
            self.pop(None);
        }
        match name {
            "table" => {
                // A table where a row should be ends the one before it.
                let innermost = stack::find(&self.stack, |open| open.has(CELL | SCOPE), |_| false);
                if let Some(index) = innermost.filter(|index| self.stack[*index].is("table")) {
                    self.pop_down_to(index);
                }
            }
            "a" => {
                let found = stack::find(&self.stack, |open| open.is("a"), |open| open.has(SCOPE));
                found.into_iter().for_each(|index| self.close_at(index, None));
            }
            "button" => {
                let found = stack::find(&self.stack, |open| open.is("button"), |open| open.has(SCOPE));
                found.into_iter().for_each(|index| self.pop_down_to(index));
            }
            "option" | "optgroup" => {
                while self.stack.last().is_some_and(|open| open.is("option") || (name == "optgroup" && open.is("optgroup"))) {
                    self.pop(None);
                }
            }
            "textarea" | "input" if !attributes.is("type", "hidden") => {
                self.close_select();
            }
            _ => {}
        }
    }

    /// Makes the table's part the innermost open one that a part like `name` may stand in; false where no table is open.
    fn make_room_in_table(&mut self, name: &str, span: Span) -> bool {
        let stops: &[&str] = match name {
            "td" | "th" => &["tr", "tbody", "thead", "tfoot", "table"],
            "tr" => &["tbody", "thead", "tfoot", "table"],
            "col" => &["colgroup", "table"],
            _ => &["table"],
        };
        let found = stack::find(&self.stack, |open| stops.iter().any(|stop| open.is(stop)), |open| open.is("template") || open.is("table"));
        let Some(index) = found else { return false };
        self.pop_down_to(index + 1);
        if matches!(name, "td" | "th") && !self.stack.last().is_some_and(|open| open.is("tr")) {
            self.open("tr", &Attributes::default(), Span::new(span.start..span.start));
        }
        true
    }

    fn close_select(&mut self) -> bool {
        let found = stack::find(&self.stack, |open| open.is("select"), |open| open.has(SCOPE));
        found.into_iter().for_each(|index| self.pop_down_to(index));
        found.is_some()
    }

    fn close_paragraph(&mut self) {
        if let Some(index) = self.open_paragraph() {
            self.pop_down_to(index);
        }
    }

    /// Closes a list's item that is open in the same list.
    fn close_item(&mut self, items: &[&str]) {
        let is_item = |open: &Open| items.iter().any(|item| open.is(item));
        let found =
            stack::find(&self.stack, is_item, |open| open.has(SPECIAL) && !["address", "div", "p"].iter().any(|name| open.is(name)));
        found.into_iter().for_each(|index| self.pop_down_to(index));
    }

    /// The open paragraph, unless a button or the like is open in it.
    fn open_paragraph(&self) -> Option<usize> {
        if self.paragraphs == 0 {
            return None;
        }
        stack::find(&self.stack, |open| open.is("p"), |open| open.has(SCOPE) || open.is("button"))
    }

    fn close_in_scope(&mut self, wanted: impl Fn(&Open) -> bool, span: Span) {
        let found = stack::find(&self.stack, wanted, |open| open.has(SCOPE));
        found.into_iter().for_each(|index| self.pop_to(index, span));
    }

    /// Closes the innermost element of that kind, and nothing that stands in it.
    fn close_alone(&mut self, wanted: impl Fn(&Open) -> bool, ends: impl Fn(&Open) -> bool, span: Span) {
        if let Some(index) = stack::find(&self.stack, wanted, ends) {
            self.close_at(index, Some(span));
        }
    }

    /// Closes what marks text: with all that stands in it, unless a block does.
    ///
    /// Source: the adoption agency algorithm of §13.2.6.4.7, without the copies it makes.
    fn close_formatting(&mut self, name: &str, span: Span) {
        let Some(index) = stack::find(&self.stack, |open| open.is(name), |open| open.has(SCOPE)) else { return };
        if self.stack[index + 1..].iter().any(|open| open.has(SPECIAL)) {
            self.close_at(index, Some(span));
        } else {
            self.pop_to(index, span);
        }
    }

    /// Closes the element at `index`; what stands in it stays open if anything does.
    fn close_at(&mut self, index: usize, span: Option<Span>) {
        if index + 1 == self.stack.len() {
            self.pop(span);
            return;
        }
        let open = &mut self.stack[index];
        open.is_closed = true;
        let (serial, is_block) = (open.serial, open.flags & BLOCK != 0);
        if is_block {
            self.flush(None);
        }
        for inner in &mut self.stack[index..] {
            if inner.context.emphasis == Some(serial) {
                inner.context.emphasis = None;
            }
        }
        self.left(serial, span);
    }

    /// Closes an element at a place where it has no end tag.
    pub(super) fn end_here(&mut self, name: &str, at: usize) {
        self.at = at;
        if let Some(index) = stack::find(&self.stack, |open| open.is(name), |_| false) {
            self.pop_down_to(index);
        }
    }

    fn pop_to(&mut self, index: usize, span: Span) {
        self.pop_down_to(index + 1);
        self.pop(Some(span));
    }

    fn pop_down_to(&mut self, length: usize) {
        while self.stack.len() > length && self.pop(None) {}
    }
}
