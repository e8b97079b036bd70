//! A document as it is put together: open elements, the block that is being read, what is found on the way.

use std::rc::Rc;

use super::attributes::Attributes;
use super::flow::{Flow, Piece, is_space};
use super::links::{OpenControl, OpenLink};
use super::microdata::Microdata;
use super::names::{HEADING, UNSEEN};
use super::stack::{Capture, Chrome, MAX_DEPTH, Open};
use super::tables::OpenTable;
use crate::document::{Block, Document, Kind};
use crate::span::{Span, Text};

/// Puts a document together from tags and texts in order.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub(super) document: Document,
    pub(super) stack: Vec<Open>,
    /// Where what is being taken begins.
    pub(super) at: usize,
    /// Whether a line feed that follows at once is not read.
    pub(super) skips_newline: bool,
    pub(super) draft: Option<Draft>,
    pub(super) link: Option<OpenLink>,
    pub(super) control: Option<OpenControl>,
    pub(super) tables: Vec<OpenTable>,
    /// Blocks in cells of tables that are still open, by number.
    pub(super) cells: Vec<usize>,
    pub(super) microdata: Microdata,
    pub(super) title: Option<Flow>,
    pub(super) json_ld: Text,
    /// How many `p` are open: most tags ask for one, and most find none.
    pub(super) paragraphs: usize,
    serials: usize,
}

/// The block that is being read.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) flow: Flow,
    kind: Kind,
    lang: Option<Rc<str>>,
    is_centred: bool,
    emphasis: Vec<std::ops::Range<usize>>,
    emphasised_by: Option<usize>,
    start: usize,
    end: usize,
    owner: Option<usize>,
}

impl Builder {
    /// Opens an element.
    pub(super) fn open(&mut self, name: &str, attributes: &Attributes, span: Span) {
        self.serials += 1;
        let serial = self.serials;
        let mut open = Open::new(name, span.start, serial, self.stack.last().map(|open| open.context.clone()).unwrap_or_default());
        open.styled(attributes);
        if open.is_block() {
            self.flush(None);
            if let Some(parent) = open.context.block.and_then(|index| self.stack.get_mut(index)) {
                parent.has_content = true;
            }
        }
        if self.stack.len() >= MAX_DEPTH {
            self.pop(None);
        }
        if open.is_block() {
            open.context.block = Some(self.stack.len());
        }
        self.found(&mut open, attributes, span);
        self.paragraphs += usize::from(open.name == "p");
        self.stack.push(open);
    }

    /// Closes the innermost element; `span` is its end tag, if it has one. False where none is open.
    pub(super) fn pop(&mut self, span: Option<Span>) -> bool {
        let Some(open) = self.stack.pop() else { return false };
        self.paragraphs -= usize::from(open.name == "p");
        if open.is_block() {
            let is_owner = self.draft.as_ref().is_some_and(|draft| draft.owner == Some(open.serial));
            self.flush(span.filter(|_| is_owner));
        } else if let (Some(draft), Some(span)) = (&mut self.draft, span)
            && open.start >= draft.start
        {
            draft.end = span.end;
        }
        if !open.is_closed {
            self.left(open.serial, span);
        }
        true
    }

    /// What ends with an element.
    pub(super) fn left(&mut self, serial: usize, span: Option<Span>) {
        self.end_link(serial, span);
        self.end_control(serial, span);
        self.end_table(serial);
        let end = span.map_or(self.at, |span| span.end);
        self.microdata.end(serial, end, &mut self.document.microdata);
        self.end_capture();
    }

    /// Takes text.
    pub(super) fn text(&mut self, value: &str, piece: Piece) {
        let (value, piece) = if std::mem::take(&mut self.skips_newline) { without_newline(value, piece) } else { (value, piece) };
        let (Piece::Verbatim(start) | Piece::For(Span { start, .. })) = piece;
        self.at = start;
        self.microdata.text(value);
        let context = self.stack.last().map(|open| &open.context);
        match context.map_or(Capture::None, |context| context.capture) {
            Capture::None => {}
            Capture::Title => {
                self.title.get_or_insert_default().push(value, piece, false);
                return;
            }
            Capture::JsonLd => {
                match piece {
                    Piece::Verbatim(start) => self.json_ld.push_verbatim(value, start),
                    Piece::For(span) => self.json_ld.push(value, span),
                }
                return;
            }
        }
        if context.is_some_and(|context| context.is_hidden) {
            return;
        }
        let is_blank = value.chars().all(is_space);
        if self.draft.is_none() {
            if is_blank {
                return;
            }
            self.begin_draft(value, piece);
        }
        self.write(value, piece, is_blank);
    }

    /// A line ends within its block.
    pub(super) fn line_break(&mut self, span: Span) {
        self.microdata.text("\n");
        if self.stack.last().is_some_and(|open| open.context.is_hidden) {
            return;
        }
        if let Some(draft) = &mut self.draft {
            draft.flow.break_line(span);
        }
    }

    /// Ends the block that is being read; `span` is the end tag of the element that it is, if there is one.
    pub(super) fn flush(&mut self, span: Option<Span>) {
        let Some(draft) = self.draft.take() else { return };
        let text = draft.flow.finish();
        if text.is_empty() {
            return;
        }
        if draft.kind == Kind::Cell {
            self.cells.push(self.document.blocks.len());
        }
        self.document.blocks.push(Block {
            kind: draft.kind,
            span: Span::new(draft.start..span.map_or(draft.end, |span| span.end)),
            lang: draft.lang.as_deref().map(str::to_owned),
            is_centred: draft.is_centred,
            emphasis: draft.emphasis,
            text,
        });
    }

    /// Closes all that is open.
    pub(super) fn finish(mut self, length: usize) -> Document {
        self.at = length;
        while self.pop(None) {}
        self.flush(None);
        self.document
    }

    pub(super) fn is_foreign(&self) -> bool {
        self.stack.last().is_some_and(|open| open.context.is_foreign)
    }

    fn begin_draft(&mut self, value: &str, piece: Piece) {
        let context = self.stack.last().map(|open| open.context.clone()).unwrap_or_default();
        let kind = match context.kind {
            Kind::Heading(_) if context.chrome != Chrome::Other => context.kind,
            _ if context.chrome != Chrome::None => Kind::Chrome,
            kind => kind,
        };
        let mut start = match piece {
            Piece::Verbatim(start) if !context.keeps_space => start + value.len() - value.trim_start_matches(is_space).len(),
            Piece::Verbatim(start) | Piece::For(Span { start, .. }) => start,
        };
        let end = start;
        let owner = context.block.and_then(|index| self.stack.get_mut(index));
        let owner = owner.map(|open| {
            if !std::mem::replace(&mut open.has_content, true) && !matches!(open.name.as_str(), "html" | "body") {
                start = open.start;
                return Some(open.serial);
            }
            None
        });
        self.draft = Some(Draft {
            flow: Flow::default(),
            kind,
            lang: context.lang,
            is_centred: context.is_centred,
            emphasis: Vec::new(),
            emphasised_by: None,
            start,
            end,
            owner: owner.flatten(),
        });
    }

    fn write(&mut self, value: &str, piece: Piece, is_blank: bool) {
        let (keeps_space, emphasis) = self.stack.last().map_or((false, None), |open| (open.context.keeps_space, open.context.emphasis));
        let Some(draft) = &mut self.draft else { return };
        let from = draft.flow.push(value, piece, keeps_space);
        // Where white space is kept, that at the block's end still goes.
        let to = draft.flow.as_str().trim_end_matches(is_space).len();
        if is_blank || from >= to {
            return;
        }
        draft.end = draft.end.max(match piece {
            Piece::Verbatim(start) => start + value.trim_end_matches(is_space).len(),
            Piece::For(span) => span.end,
        });
        if emphasis.is_some() {
            match draft.emphasis.last_mut() {
                Some(last) if draft.emphasised_by == emphasis => last.end = to,
                _ => draft.emphasis.push(from..to),
            }
        }
        draft.emphasised_by = emphasis;
        let number = self.document.blocks.len();
        if let Some(link) = &mut self.link {
            link.read(&draft.flow.as_str()[from..to], number, from..to);
        }
        if let Some(control) = &mut self.control {
            control.read(&draft.flow.as_str()[from..to], number, &(from..to));
        }
    }

    fn end_capture(&mut self) {
        if let Some(flow) = self.title.take() {
            let title = flow.finish();
            if self.document.head.title.is_none() {
                self.document.head.title = Some(title);
            }
        }
        if !self.json_ld.is_empty() {
            self.document.json_ld.push(std::mem::take(&mut self.json_ld));
        }
    }
}

impl Open {
    /// What an element's name and attributes say of the text in it.
    fn styled(&mut self, attributes: &Attributes) {
        let is_root = matches!(self.name.as_str(), "html" | "body");
        let display = attributes.style("display");
        let display = display.as_deref().unwrap_or_default();
        if matches!(display, "block" | "flex" | "grid" | "table" | "list-item") {
            self.flags |= super::names::BLOCK;
        }
        let is_unseen = attributes.has("hidden")
            || attributes.is("aria-hidden", "true")
            || display == "none"
            || attributes.style("visibility").is_some_and(|value| value == "hidden");
        let context = &mut self.context;
        context.is_hidden |= self.flags & UNSEEN != 0 || (self.name == "dialog" && !attributes.has("open")) || (is_unseen && !is_root);
        if let Some(lang) = attributes.get("lang").or_else(|| attributes.get("xml:lang")) {
            context.lang = Some(Rc::from(lang.trim())).filter(|lang: &Rc<str>| !lang.is_empty());
        }
        context.is_centred = is_centred(&self.name, attributes).unwrap_or(context.is_centred);
        self.placed(attributes);
        self.kinded();
    }

    /// Whether it is what surrounds the text.
    fn placed(&mut self, attributes: &Attributes) {
        let context = &mut self.context;
        let role = attributes.get("role").unwrap_or_default();
        match self.name.as_str() {
            "main" | "article" => context.is_main = true,
            _ if role.eq_ignore_ascii_case("main") => context.is_main = true,
            _ => {}
        }
        if context.is_main {
            return;
        }
        let is_other = matches!(self.name.as_str(), "nav" | "footer" | "aside")
            || ["navigation", "contentinfo", "complementary"].iter().any(|name| role.eq_ignore_ascii_case(name));
        if is_other {
            context.chrome = Chrome::Other;
        } else if context.chrome == Chrome::None && (self.name == "header" || role.eq_ignore_ascii_case("banner")) {
            context.chrome = Chrome::Header;
        }
    }

    fn kinded(&mut self) {
        let context = &mut self.context;
        let name = self.name.as_str();
        match name {
            "ul" | "ol" | "menu" | "dl" | "dir" => context.list_depth = context.list_depth.saturating_add(1),
            "li" | "dd" | "dt" => context.kind = Kind::ListItem(context.list_depth.max(1)),
            "blockquote" => context.kind = Kind::Quote,
            "figcaption" | "caption" => context.kind = Kind::Caption,
            "td" | "th" => context.kind = Kind::Cell,
            "pre" | "listing" | "xmp" | "plaintext" => {
                context.kind = Kind::Code;
                context.keeps_space = true;
            }
            "strong" | "b" | "em" | "i" => context.emphasis = context.emphasis.or(Some(self.serial)),
            "svg" | "math" => context.is_foreign = true,
            _ if self.flags & HEADING != 0 => {
                let level = name.as_bytes().get(1).map_or(1, |digit| digit.saturating_sub(b'0'));
                context.kind = Kind::Heading(level);
            }
            _ => {}
        }
    }
}

/// Whether an element says that its text is centred, or that it is not.
///
/// Source: the attribute `align`, the property `text-align`, and the class that WordPress's editor gives.
fn is_centred(name: &str, attributes: &Attributes) -> Option<bool> {
    if let Some(align) = attributes.style("text-align") {
        return Some(align == "center");
    }
    if name == "center" || attributes.words("class").any(|class| class == "has-text-align-center") {
        return Some(true);
    }
    let align = attributes.get("align").filter(|_| !matches!(name, "img" | "table" | "iframe"))?;
    Some(align.trim().eq_ignore_ascii_case("center"))
}

/// The piece without the line feed that it begins with.
fn without_newline(value: &str, piece: Piece) -> (&str, Piece) {
    let rest = value.strip_prefix("\r\n").or_else(|| value.strip_prefix(['\n', '\r'])).unwrap_or(value);
    let piece = match piece {
        Piece::Verbatim(start) => Piece::Verbatim(start + value.len() - rest.len()),
        piece @ Piece::For(_) => piece,
    };
    (rest, piece)
}
