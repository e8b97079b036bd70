//! What the names of elements mean to a parser and to a reader.

/// Ends the search for an element that could be closed.
pub(super) const SCOPE: u32 = 1;
/// Begins and ends a line of its own.
pub(super) const BLOCK: u32 = 1 << 1;
/// "Special" in the standard: an end tag of another name does not close through it.
pub(super) const SPECIAL: u32 = 1 << 2;
/// Has no content.
pub(super) const VOID: u32 = 1 << 3;
/// Closes an open paragraph when it begins.
pub(super) const CLOSES_P: u32 = 1 << 4;
/// Marks text within a line; a wrongly nested end tag closes it without what stands in it.
pub(super) const FORMATTING: u32 = 1 << 5;
/// `h1` to `h6`.
pub(super) const HEADING: u32 = 1 << 6;
/// A table's cell, or its caption.
pub(super) const CELL: u32 = 1 << 7;
/// A table's part, row, column.
pub(super) const TABLE_PART: u32 = 1 << 8;
/// Breaks out of a drawing or a formula.
pub(super) const BREAKOUT: u32 = 1 << 9;
/// Its text is not on the page.
pub(super) const UNSEEN: u32 = 1 << 10;
/// Ends the search for a list's item.
pub(super) const LIST: u32 = 1 << 11;

/// What a name means.
///
/// Source: HTML Living Standard, §13.2.4.2 (scopes, special elements), §13.2.6.4.7 (in body), §13.2.6.5 (breaking out), §15.3 (what is a block).
pub(super) fn flags(name: &str) -> u32 {
    match name {
        "p" => BLOCK | SPECIAL | CLOSES_P | BREAKOUT,
        "div" | "pre" | "listing" | "center" | "blockquote" => BLOCK | SPECIAL | CLOSES_P | BREAKOUT,
        "ul" | "ol" | "menu" => BLOCK | SPECIAL | CLOSES_P | BREAKOUT | LIST,
        "dl" | "dir" => BLOCK | SPECIAL | CLOSES_P | BREAKOUT | LIST,
        "li" | "dd" | "dt" => BLOCK | SPECIAL | CLOSES_P | BREAKOUT,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => BLOCK | SPECIAL | CLOSES_P | BREAKOUT | HEADING,
        "address" | "article" | "aside" | "details" | "dialog" | "fieldset" | "figcaption" | "figure" | "footer" | "form" | "header"
        | "hgroup" | "main" | "nav" | "search" | "section" | "summary" => BLOCK | SPECIAL | CLOSES_P,
        "plaintext" | "xmp" => BLOCK | SPECIAL | CLOSES_P,
        "legend" | "optgroup" | "option" => BLOCK,
        "hr" => BLOCK | SPECIAL | VOID | CLOSES_P | BREAKOUT,
        "table" => BLOCK | SPECIAL | CLOSES_P | SCOPE | BREAKOUT,
        "td" | "th" | "caption" => BLOCK | SPECIAL | SCOPE | CELL | TABLE_PART,
        "tr" | "tbody" | "thead" | "tfoot" | "colgroup" => BLOCK | SPECIAL | TABLE_PART,
        "col" => SPECIAL | VOID | TABLE_PART,
        "html" => BLOCK | SPECIAL | SCOPE,
        "body" => BLOCK | SPECIAL | BREAKOUT,
        "template" => SPECIAL | SCOPE | UNSEEN,
        "object" | "applet" | "marquee" => SPECIAL | SCOPE,
        "br" | "img" | "embed" | "meta" => SPECIAL | VOID | BREAKOUT,
        "area" | "base" | "basefont" | "bgsound" | "frame" | "input" | "keygen" | "link" | "param" | "source" | "track" | "wbr" => {
            SPECIAL | VOID
        }
        "a" => FORMATTING,
        "b" | "big" | "code" | "em" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt" | "u" => FORMATTING | BREAKOUT,
        "font" => FORMATTING,
        "span" | "sub" | "sup" | "var" | "ruby" => BREAKOUT,
        "button" => SPECIAL,
        "head" => SPECIAL | BREAKOUT,
        "script" | "style" | "noscript" | "noframes" | "noembed" | "iframe" | "textarea" | "select" => SPECIAL | UNSEEN,
        "title" => SPECIAL | UNSEEN | BLOCK,
        "datalist" | "audio" | "video" | "canvas" | "rp" | "svg" | "math" => UNSEEN,
        _ => 0,
    }
}
