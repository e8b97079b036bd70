//! A document read: blocks in reading order, links, images, what stands in its head. Facts alone; nothing here judges.

use crate::span::{Span, Text};

/// What a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A whole page, or a piece of one.
    Html,
    /// CommonMark with tables; raw HTML in it is read as HTML.
    Markdown,
    /// Paragraphs with blank lines between.
    Plain,
}

/// A document as its readers meet it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// In reading order; scripts, styles, templates and comments are none.
    pub blocks: Vec<Block>,
    /// In reading order.
    pub links: Vec<Link>,
    /// In reading order.
    pub images: Vec<Image>,
    /// Buttons and the like, in reading order.
    pub controls: Vec<Control>,
    /// How many lists, with or without numbers, that are not inside another one.
    pub lists: usize,
    /// How many tables of data.
    pub tables: usize,
    /// How many videos and embedded players.
    pub videos: usize,
    /// What stands in the head, or where a head should be.
    pub head: Head,
    /// Bodies of `<script type="application/ld+json">`, and where they stand.
    pub json_ld: Vec<Text>,
    /// Items of microdata that are not part of another one.
    pub microdata: Vec<Item>,
}

/// One block of text: what a browser would put on lines of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// What is read, white space collapsed as in a browser; `<br>` is a line feed.
    pub text: Text,
    /// The element with its tags.
    pub span: Span,
    /// The `lang` in force, as written.
    pub lang: Option<String>,
    /// Whether an enclosing element or its own style centres it.
    pub is_centred: bool,
    /// What in it is emphasised (`strong`, `b`, `em`, `i`), as ranges of `text`.
    pub emphasis: Vec<std::ops::Range<usize>>,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `h1` to `h6`.
    Heading(u8),
    /// `p`, or text that stands by itself.
    Paragraph,
    /// A list's item; its depth counts from 1.
    ListItem(u8),
    /// A quotation's paragraph.
    Quote,
    /// Code on lines of its own; not prose.
    Code,
    /// A table's cell.
    Cell,
    /// `figcaption` or `caption`.
    Caption,
    /// Navigation, header or footer of a page outside its main text.
    Chrome,
}

impl Kind {
    /// Whether it is prose that is read through: neither code nor what surrounds the text.
    #[must_use]
    pub fn is_prose(self) -> bool {
        !matches!(self, Self::Code | Self::Chrome)
    }
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// As written; none where an `a` has no `href`.
    pub href: Option<String>,
    /// What is clicked, alternative texts of images included.
    pub text: String,
    /// Whether `rel` has `nofollow`, `sponsored` or `ugc`.
    pub is_nofollow: bool,
    /// Attributes that make it a control: `role="button"`, or a class with `btn`, `button` or `cta`.
    pub looks_like_button: bool,
    /// The element with its tags.
    pub span: Span,
    /// The block it stands in, by number.
    pub block: Option<usize>,
    /// Its text within that block's text.
    pub range: std::ops::Range<usize>,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// As written.
    pub src: String,
    /// None where there is no attribute; an empty one is an ornament's.
    pub alt: Option<String>,
    /// The tag.
    pub span: Span,
}

/// A button, a submitting input or a `summary`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// What is read on it.
    pub text: String,
    /// Whether it sends a form.
    pub is_submit: bool,
    /// The element with its tags.
    pub span: Span,
}

/// What a document says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// `lang` of `html`.
    pub lang: Option<String>,
    /// `title`.
    pub title: Option<Text>,
    /// `href` of `base`, as written.
    pub base: Option<String>,
    /// The character set that a `meta` names, as written.
    pub charset: Option<String>,
    /// `meta name=…` and `property=…`, names in lower case, in order.
    pub meta: Vec<Meta>,
    /// `link rel=… href=…`, in order.
    pub links: Vec<HeadLink>,
}

/// One `meta`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Lower case.
    pub name: String,
    /// As read.
    pub content: String,
    /// The attribute's value where it stands, else the tag.
    pub span: Span,
}

/// One `link`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadLink {
    /// Lower case, as written.
    pub rel: String,
    /// As read.
    pub href: String,
    /// As written.
    pub hreflang: Option<String>,
    /// The tag.
    pub span: Span,
}

impl Head {
    /// The first `meta` of that name.
    #[must_use]
    pub fn meta(&self, name: &str) -> Option<&Meta> {
        self.meta.iter().find(|meta| meta.name == name)
    }
}

/// An item of microdata.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// `itemtype`, as written.
    pub kinds: Vec<String>,
    /// In order.
    pub properties: Vec<(String, Value)>,
    /// The element with its tags.
    pub span: Span,
}

/// A property's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, or what `content`, `href`, `src` or `datetime` say.
    Text(String),
    /// An item of its own.
    Item(Item),
}
