//! Open elements, and what text in them is.

use std::rc::Rc;

use super::names::{self, BLOCK};
use crate::document::Kind;

/// More open elements than these are taken for siblings.
///
/// Source: browsers bound the depth of a document alike (Blink at 512); chosen lower, for a page's real depth is far below.
pub(super) const MAX_DEPTH: usize = 256;

/// What text is, by the elements around it.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) kind: Kind,
    pub(super) lang: Option<Rc<str>>,
    pub(super) is_centred: bool,
    /// Nothing in it is on the page.
    pub(super) is_hidden: bool,
    /// As in `pre`.
    pub(super) keeps_space: bool,
    pub(super) chrome: Chrome,
    /// Within `main` or `article`.
    pub(super) is_main: bool,
    pub(super) list_depth: u8,
    /// The outermost element that emphasises, by its serial number.
    pub(super) emphasis: Option<usize>,
    /// Within a drawing or a formula, where other rules hold.
    pub(super) is_foreign: bool,
    pub(super) capture: Capture,
    /// The innermost block's place among the open elements.
    pub(super) block: Option<usize>,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            kind: Kind::Paragraph,
            lang: None,
            is_centred: false,
            is_hidden: false,
            keeps_space: false,
            chrome: Chrome::None,
            is_main: false,
            list_depth: 0,
            emphasis: None,
            is_foreign: false,
            capture: Capture::None,
            block: None,
        }
    }
}

/// Whether text is what surrounds a page's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chrome {
    /// It is not.
    None,
    /// In a `header`, which is the page's own unless its title stands in it.
    Header,
    /// Navigation, a footer, something beside.
    Other,
}

/// Where text goes that is not on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Capture {
    /// Nowhere.
    None,
    /// It is the document's title.
    Title,
    /// It is JSON-LD.
    JsonLd,
}

/// An open element.
#[derive(Debug)]
pub(super) struct Open {
    /// In lower case.
    pub(super) name: String,
    pub(super) flags: u32,
    /// Where its tag begins.
    pub(super) start: usize,
    /// Numbers elements in order.
    pub(super) serial: usize,
    pub(super) context: Context,
    /// Whether a block of text has begun in it.
    pub(super) has_content: bool,
    /// Whether its end tag came before that of what stands in it.
    pub(super) is_closed: bool,
}

impl Open {
    pub(super) fn new(name: &str, start: usize, serial: usize, context: Context) -> Self {
        let flags = names::flags(name);
        Self { name: name.to_owned(), flags, start, serial, context, has_content: false, is_closed: false }
    }

    pub(super) fn has(&self, flags: u32) -> bool {
        !self.is_closed && self.flags & flags != 0
    }

    pub(super) fn is(&self, name: &str) -> bool {
        !self.is_closed && self.name == name
    }

    pub(super) fn is_block(&self) -> bool {
        self.flags & BLOCK != 0
    }
}

/// The innermost element that `wanted` holds of, unless one that `ends` holds of is met before.
pub(super) fn find(stack: &[Open], wanted: impl Fn(&Open) -> bool, ends: impl Fn(&Open) -> bool) -> Option<usize> {
    for (index, open) in stack.iter().enumerate().rev() {
        if wanted(open) {
            return Some(index);
        }
        if ends(open) {
            return None;
        }
    }
    None
}
