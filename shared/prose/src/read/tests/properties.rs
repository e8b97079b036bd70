//! What holds for every input.

use proptest::prelude::*;

use super::{assert_points, html};
use crate::document::Format;

/// Pieces of markup, entities and letters, in any order.
pub(super) fn soup() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "p",
        "div",
        "b",
        "i",
        "a",
        "ul",
        "ol",
        "li",
        "table",
        "tr",
        "td",
        "th",
        "h1",
        "h2",
        "pre",
        "script",
        "style",
        "title",
        "textarea",
        "template",
        "svg",
        "math",
        "br",
        "img",
        "button",
        "form",
        "select",
        "option",
        "dl",
        "dt",
        "dd",
        "header",
        "nav",
        "main",
        "article",
        "blockquote",
        "span",
        "noscript",
        "iframe",
        "html",
        "body",
        "head",
        "caption",
        "tbody",
        "details",
        "summary",
        "x-y",
        "meta",
        "link",
        "base",
        "input",
    ]);
    let attributes = prop::sample::select(vec![
        "",
        " hidden",
        " href=x",
        " href='&eacute;'",
        " itemscope",
        " itemprop=a",
        " lang=es",
        " style='display:none'",
        " role=button",
        " class=btn",
        " content=\"ñ&amp;\"",
        " name=description",
        " type=application/ld+json",
        " ñ=é",
        " alt='ü'",
        " /",
        " =",
    ]);
    let tag = (any::<bool>(), names, attributes, any::<bool>()).prop_map(|(is_end, name, attributes, is_closed)| {
        format!("<{}{name}{attributes}{}", if is_end { "/" } else { "" }, if is_closed { ">" } else { " " })
    });
    let text = prop::sample::select(vec![
        "a",
        "ñ",
        "€",
        "😀",
        " ",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "&amp;",
        "&eacute;",
        "&",
        "&#",
        "&#x1F600;",
        "&nbsp",
        "&acE;",
        "&notit;",
        "\u{ad}",
        "\u{200b}",
        "\u{200d}",
        "<",
        ">",
        "</",
        "<!",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "\"",
        "'",
        "\0",
        "&#0;",
        "&#13;",
        "e\u{301}",
        "<?",
        "&shy;",
        "\u{feff}",
        "1. ",
        "- ",
        "\n\n",
        "# ",
        "> ",
        "**",
        "`",
        "|",
        "[a](b)",
        "---\n",
        "\\",
        "```\n",
    ]);
    let piece = prop_oneof![3 => tag.prop_map(|tag| tag), 4 => text.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_is_sent_as_html_is_read_and_pointed_at(input in soup()) {
        assert_points(&input, &html(&input));
    }
}

proptest! {
    #[test]
    fn whatever_is_sent_as_markdown_is_read_and_pointed_at(input in soup()) {
        assert_points(&input, &crate::read(&input, Format::Markdown));
    }

    #[test]
    fn whatever_is_sent_as_plain_text_is_read_and_pointed_at(input in soup()) {
        assert_points(&input, &crate::read(&input, Format::Plain));
    }
}
