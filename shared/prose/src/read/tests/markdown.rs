//! Markdown: the same blocks that its HTML would give, pointing at the Markdown.

use super::{assert_points, sketch};
use crate::document::{Document, Format};

fn markdown(input: &str) -> Document {
    let document = crate::read(input, Format::Markdown);
    assert_points(input, &document);
    document
}

#[test]
fn blocks_are_those_of_its_html() {
    let cases = [
        ("", ""),
        ("# Uno\n\ndos\ntres  \ncuatro\n\nCinco\n---\n", "h1|Uno\np|dos tres⏎cuatro\nh2|Cinco"),
        ("- a\n- b\n  1. c\n  2. d\n- e", "li1|a\nli1|b\nli2|c\nli2|d\nli1|e"),
        ("- a\n\n  a2\n\n- b", "li1|a\nli1|a2\nli1|b"),
        ("> cita\n> sigue\n\nfuera", "quote|cita sigue\np|fuera"),
        ("```rust\n\nfn a() {}\n\n  b\n```\n\n    c\n    d\n", "code|⏎fn a() {}⏎⏎  b\ncode|c⏎d"),
        ("|a|b|\n|-|-|\n|c|**d**|\n", "cell|a\ncell|b\ncell|c\ncell|d"),
        ("un `código  x` y \\* y caf&eacute; y ~~no~~", "p|un código x y * y café y no"),
        ("antes\n\n<div class=x>\n<p>uno</p>dos\n</div>\n\ndespués <b>ya</b> <script>no</script>", "p|antes\np|uno\np|dos\np|después ya"),
        ("<script>\nlet a = '<p>x</p>';\n\n# no\n</script>\n\nsí", "p|sí"),
        ("> <div>a\n> b</div>\n\nc", "quote|a b\np|c"),
        ("<div>\n\n**a**\n\n</div>\n\nb", "p|a\np|b"),
        ("a\n\n***\n\nb", "p|a\np|b"),
        ("- [ ] a\n- [x] b", "li1|a\nli1|b"),
        ("a <!-- b --> c", "p|a c"),
        ("a \u{2000}", "p|a \u{2000}"),
    ];
    for (input, expect) in cases {
        assert_eq!(sketch(&markdown(input)), expect, "of {input:?}");
    }
}

#[test]
fn parts_are_found_where_they_stand() {
    let input =
        "Lee [la **guía**](/guia \"t\") y <https://x.es>.\n\n![Un *sol*](sol.png) y [![Foto](f.png)](b)\n\n- a\n\n|a|b|\n|-|-|\n|c|d|\n";
    let document = markdown(input);
    let links: Vec<_> =
        document.links.iter().map(|link| (link.href.as_deref().unwrap(), link.text.as_str(), &input[link.span.range()])).collect();
    let expect = [
        ("/guia", "la guía", "[la **guía**](/guia \"t\")"),
        ("https://x.es", "https://x.es", "<https://x.es>"),
        ("b", "Foto", "[![Foto](f.png)](b)"),
    ];
    assert_eq!(links, expect);
    let images: Vec<_> =
        document.images.iter().map(|image| (image.src.as_str(), image.alt.as_deref().unwrap(), &input[image.span.range()])).collect();
    assert_eq!(images, [("sol.png", "Un sol", "![Un *sol*](sol.png)"), ("f.png", "Foto", "![Foto](f.png)")]);
    assert_eq!((document.lists, document.tables), (1, 1));
    let text = &document.blocks[0].text;
    let at = text.as_str().find("guía").unwrap();
    assert_eq!(&input[text.span(at..at + 5).range()], "guía");
    assert_eq!(document.blocks[0].emphasis, vec![at..at + 5]);
    assert_eq!(&input[document.blocks[0].span.range()], input.split('\n').next().unwrap());
}

#[test]
fn what_stands_ahead_is_the_head() {
    let input = "---\ntitle: \"Una \\\"guía\\\"\" \ndescription: >\n  Dos líneas\n  de texto\ntags: [a]\nlang: es # sí\n---\n# Hola\n";
    let document = markdown(input);
    let title = document.head.title.as_ref().unwrap();
    assert_eq!(title.as_str(), "Una \"guía\"");
    assert_eq!(&input[title.span(4..11).range()], "\\\"guía\\\"");
    let description = document.head.meta("description").unwrap();
    assert_eq!(description.content, "Dos líneas de texto");
    assert_eq!(&input[description.span.range()], "Dos líneas\n  de texto");
    assert_eq!(document.head.lang.as_deref(), Some("es"));
    assert_eq!(sketch(&document), "h1|Hola");
    assert_eq!(document.blocks[0].lang.as_deref(), Some("es"));
}

#[test]
fn a_rule_at_the_top_is_no_head() {
    for (input, expect) in
        [("---\nhola\n", "p|hola"), ("---\n\ntitle: a\n\nb", "p|title: a\np|b"), ("----\ntitle: a\n---\n", "h2|title: a")]
    {
        let document = markdown(input);
        assert_eq!(sketch(&document), expect, "of {input:?}");
        assert!(document.head.title.is_none());
    }
}
