//! What an element is besides text: a link, a list, a video, something the document says of itself.

use super::attributes::Attributes;
use super::builder::Builder;
use super::names::HEADING;
use super::stack::{Capture, Chrome, Open};
use crate::document::{HeadLink, Meta};
use crate::span::Span;

/// Chosen: players that sites embed most, by parts of their addresses.
const PLAYERS: [&str; 11] = [
    "youtube.com",
    "youtube-nocookie.com",
    "youtu.be",
    "vimeo.com",
    "dailymotion.com",
    "wistia.",
    "loom.com",
    "tiktok.com",
    "twitch.tv",
    "vidyard.com",
    "videopress.com",
];

impl Builder {
    /// Takes note of an element that is being opened.
    pub(super) fn found(&mut self, open: &mut Open, attributes: &Attributes, span: Span) {
        self.microdata.begin(&open.name, attributes, span, Some(open.serial));
        if open.name == "html" {
            self.head_lang(attributes);
        }
        if open.context.is_foreign {
            return;
        }
        match open.name.as_str() {
            "title" => open.context.capture = Capture::Title,
            "script" if attributes.get("type").is_some_and(is_json_ld) => open.context.capture = Capture::JsonLd,
            _ => {}
        }
        if open.name == "iframe" || open.name == "video" {
            self.video(open, attributes);
        }
        if open.name == "table" {
            self.begin_table(open.serial, attributes, open.context.is_hidden, open.context.chrome);
        }
        if open.context.is_hidden {
            return;
        }
        if open.flags & HEADING != 0 && open.name == "h1" && open.context.chrome == Chrome::Header {
            self.header_is_text();
            open.context.chrome = Chrome::None;
        }
        let is_button = attributes.is("role", "button");
        match open.name.as_str() {
            "a" => self.begin_link(open.serial, attributes, span.start),
            "button" => {
                let sends = match attributes.get("type") {
                    Some(kind) => kind.trim().eq_ignore_ascii_case("submit"),
                    None => self.stack.iter().any(|open| open.is("form")),
                };
                self.begin_control(open.serial, attributes, span.start, sends);
            }
            "summary" => self.begin_control(open.serial, attributes, span.start, false),
            "ul" | "ol" | "menu" | "dl" | "dir" => {
                self.document.lists += usize::from(open.context.list_depth == 1 && open.context.chrome == Chrome::None);
            }
            "tr" | "td" | "th" | "caption" | "thead" => self.table_part(&open.name),
            _ if is_button => self.begin_control(open.serial, attributes, span.start, false),
            _ => {}
        }
    }

    /// Takes an element that has no content.
    pub(super) fn void(&mut self, name: &str, attributes: &Attributes, span: Span) {
        self.microdata.begin(name, attributes, span, None);
        match name {
            "meta" => self.meta(attributes, span),
            "link" => self.head_link(attributes, span),
            "base" => {
                let base = attributes.get("href").map(|href| href.trim().to_owned());
                self.document.head.base = self.document.head.base.take().or(base);
            }
            _ => {}
        }
        let display = attributes.style("display");
        let is_hidden = self.stack.last().is_some_and(|open| open.context.is_hidden) || attributes.has("hidden");
        if is_hidden || display.as_deref() == Some("none") {
            return;
        }
        if name != "br" && matches!(display.as_deref(), Some("block" | "flex" | "grid" | "table")) {
            self.flush(None);
        }
        match name {
            "br" => self.line_break(span),
            "hr" => self.flush(None),
            "img" => self.image(attributes, span),
            "input" => self.input(attributes, span),
            "embed" if attributes.get("src").is_some_and(is_player) => self.document.videos += 1,
            _ => {}
        }
    }

    /// The document's language.
    pub(super) fn head_lang(&mut self, attributes: &Attributes) {
        let lang = attributes.get("lang").or_else(|| attributes.get("xml:lang")).map(|lang| lang.trim().to_owned());
        let head = &mut self.document.head;
        head.lang = head.lang.take().or(lang.filter(|lang| !lang.is_empty()));
    }

    fn meta(&mut self, attributes: &Attributes, span: Span) {
        if let Some(charset) = attributes.get("charset") {
            let head = &mut self.document.head;
            head.charset = head.charset.take().or(Some(charset.trim().to_owned()));
        }
        let content = attributes.get("content");
        if attributes.is("http-equiv", "content-type") {
            let charset = content.and_then(|content| content.split_once("charset=")).map(|(_, charset)| charset.trim().to_owned());
            self.document.head.charset = self.document.head.charset.take().or(charset);
        }
        let span = attributes.span("content").unwrap_or(span);
        for name in ["name", "property"].iter().filter_map(|name| attributes.get(name)) {
            let name = name.trim().to_lowercase();
            let content = content.unwrap_or_default().trim().to_owned();
            self.document.head.meta.push(Meta { name, content, span });
        }
    }

    fn head_link(&mut self, attributes: &Attributes, span: Span) {
        let (Some(rel), Some(href)) = (attributes.get("rel"), attributes.get("href")) else { return };
        let hreflang = attributes.get("hreflang").map(|lang| lang.trim().to_owned());
        self.document.head.links.push(HeadLink { rel: rel.trim().to_lowercase(), href: href.trim().to_owned(), hreflang, span });
    }

    fn video(&mut self, open: &Open, attributes: &Attributes) {
        // What is hidden is the element's text, for browsers that show no video.
        let is_hidden = self.stack.last().is_some_and(|parent| parent.context.is_hidden);
        let sources = ["src", "data-src"].iter().filter_map(|name| attributes.get(name));
        let is_shown = open.name == "video" || sources.into_iter().any(is_player);
        self.document.videos += usize::from(is_shown && !is_hidden && !attributes.has("hidden"));
    }

    /// A header that the page's title stands in is text from there on.
    fn header_is_text(&mut self) {
        for open in &mut self.stack {
            if open.context.chrome == Chrome::Header {
                open.context.chrome = Chrome::None;
            }
        }
    }
}

fn is_json_ld(kind: &str) -> bool {
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/ld+json")
}

fn is_player(address: &str) -> bool {
    PLAYERS.iter().any(|player| address.contains(player))
}
