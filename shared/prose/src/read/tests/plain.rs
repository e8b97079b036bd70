//! Plain text: paragraphs and lists, and nothing guessed.

use super::{assert_points, sketch};
use crate::document::Format;

#[test]
fn paragraphs_and_lists_are_told_by_lines() {
    let cases = [
        ("", ""),
        ("uno\ndos\n\n \ntres", "p|uno dos\np|tres"),
        ("uno\r\ndos\r\n\r\ntres\r\n", "p|uno dos\np|tres"),
        ("TÍTULO\n\nuno", "p|TÍTULO\np|uno"),
        ("Título\n======\nuno", "p|Título ====== uno"),
        ("uno:\n- a\n- b\n  sigue\n* c\n\n• d\n\ndos", "p|uno:\nli1|a\nli1|b sigue\nli1|c\nli1|d\np|dos"),
        ("1. a\n2) b\n\n2024. Fue un año", "li1|a\nli1|b\np|2024. Fue un año"),
        ("-5 grados y *nada*", "p|-5 grados y *nada*"),
        ("a <b>b</b> &amp; c", "p|a <b>b</b> &amp; c"),
        ("  uno   dos\u{a0}tres  ", "p|uno dos\u{a0}tres"),
        ("\u{feff}uno\u{200b}dos", "p|unodos"),
    ];
    for (input, expect) in cases {
        let document = crate::read(input, Format::Plain);
        assert_eq!(sketch(&document), expect, "of {input:?}");
        assert_points(input, &document);
    }
}

#[test]
fn lists_are_counted_and_spans_are_their_lines() {
    let input = "Hola a\ntodos\n\n- uno\n- dos\n\nfin\n\n1. tres\n";
    let document = crate::read(input, Format::Plain);
    assert_eq!(document.lists, 2);
    let spans: Vec<_> = document.blocks.iter().map(|block| &input[block.span.range()]).collect();
    assert_eq!(spans, ["Hola a\ntodos", "- uno", "- dos", "fin", "1. tres"]);
}
