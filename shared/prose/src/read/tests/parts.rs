//! What a document has besides text: links, images, buttons, lists, tables, videos, what stands in its head, microdata.

use super::{assert_points, html};
use crate::document::{Item, Value};

#[test]
fn links_say_where_they_go_and_where_they_stand() {
    let input = "<p>Lee <a href=' /guia ' rel='noopener NoFollow'>la <b>guía</b></a> ya</p><a name=x></a>\
                 <a href=b class='wp-block-button__link'><img src=i alt='Ver'><p>uno</p><p>dos</p></a><p>x <a href=c><img alt='Foto'></a></p>\
                 <a href=d aria-label=Cerrar><svg></svg></a>";
    let document = html(input);
    assert_points(input, &document);
    let seen: Vec<_> =
        document.links.iter().map(|link| (link.href.as_deref(), link.text.as_str(), link.is_nofollow, link.looks_like_button)).collect();
    let expect = [
        (Some("/guia"), "la guía", true, false),
        (None, "", false, false),
        (Some("b"), "Ver uno dos", false, true),
        (Some("c"), "Foto", false, false),
        (Some("d"), "Cerrar", false, false),
    ];
    assert_eq!(seen, expect);
    let link = &document.links[0];
    assert_eq!(&input[link.span.range()], "<a href=' /guia ' rel='noopener NoFollow'>la <b>guía</b></a>");
    assert_eq!(&document.blocks[link.block.unwrap()].text.as_str()[link.range.clone()], "la guía");
    assert_eq!(document.links[2].block, Some(1));
    assert_eq!(document.links[3].block, Some(3));
}

#[test]
fn only_the_parts_of_a_class_tell_a_button() {
    for (class, expect) in
        [("btn btn-primary", true), ("main_cta", true), ("Button", true), ("subtn", false), ("ctan", false), ("buttons", false)]
    {
        let document = html(&format!("<a href=x class='{class}'>a</a>"));
        assert_eq!(document.links[0].looks_like_button, expect, "{class}");
    }
}

#[test]
fn images_keep_their_alternative_texts() {
    let document =
        html("<img src=a><img src=b alt=''><img data-src=c alt=' Sol '><picture><source srcset=x><img src=d></picture><img hidden src=e>");
    let seen: Vec<_> = document.images.iter().map(|image| (image.src.as_str(), image.alt.as_deref())).collect();
    assert_eq!(seen, [("a", None), ("b", Some("")), ("c", Some("Sol")), ("d", None)]);
}

#[test]
fn buttons_say_what_they_do() {
    let input = "<form><button>Enviar <b>ya</b></button><button type=button>Más</button><input type=submit value='Comprar'><input type=text value=x>\
                 <input type=hidden></form><div role=button>Abrir</div><button>Nada</button><details><summary>¿Qué?</summary></details>\
                 <button aria-label='Menú'></button>";
    let document = html(input);
    assert_points(input, &document);
    let seen: Vec<_> = document.controls.iter().map(|control| (control.text.as_str(), control.is_submit)).collect();
    let expect =
        [("Enviar ya", true), ("Más", false), ("Comprar", true), ("Abrir", false), ("Nada", false), ("¿Qué?", false), ("Menú", false)];
    assert_eq!(seen, expect);
    assert_eq!(&input[document.controls[0].span.range()], "<button>Enviar <b>ya</b></button>");
}

#[test]
fn lists_tables_and_videos_are_counted() {
    let cases = [
        ("<ul><li>a<ul><li>b</ul></ul><ol><li>c</ol><dl><dt>d</dl>", (3, 0, 0)),
        ("<nav><ul><li>a</ul></nav>", (0, 0, 0)),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", (0, 1, 0)),
        ("<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>", (0, 0, 0)),
        ("<table><tr><td><table><tr><th>a<tr><td>b</table><td>c<tr><td>d</table>", (0, 1, 0)),
        ("<table><tr><td>a</table>", (0, 0, 0)),
        (
            "<iframe src='https://www.youtube.com/embed/x'></iframe><iframe src='https://maps.example'></iframe><video src=x></video>",
            (0, 0, 2),
        ),
    ];
    for (input, expect) in cases {
        let document = html(input);
        assert_eq!((document.lists, document.tables, document.videos), expect, "of {input:?}");
    }
}

#[test]
fn a_head_says_what_the_document_is() {
    let input = "<!doctype html><html lang=es-ES><head><meta charset=utf-8><title>\n Guía &amp; más </title><base href=/b/>\
                 <meta name=Description content='Una &quot;guía&quot;'><meta property='og:title' content=G><meta name=robots content='noindex, follow'>\
                 <link rel=Canonical href=https://x.es/a><link rel=alternate hreflang=en href=/en><meta name=viewport content=width=device-width>\
                 <title>Otro</title></head><svg><title>No</title></svg>";
    let document = html(input);
    assert_points(input, &document);
    let head = &document.head;
    assert_eq!(head.lang.as_deref(), Some("es-ES"));
    assert_eq!(head.title.as_ref().unwrap().as_str(), "Guía & más");
    assert_eq!(head.base.as_deref(), Some("/b/"));
    assert_eq!(head.charset.as_deref(), Some("utf-8"));
    let description = head.meta("description").unwrap();
    assert_eq!(description.content, "Una \"guía\"");
    assert_eq!(&input[description.span.range()], "Una &quot;guía&quot;");
    assert_eq!(head.meta("robots").unwrap().content, "noindex, follow");
    assert_eq!(head.meta("og:title").unwrap().content, "G");
    let links: Vec<_> = head.links.iter().map(|link| (link.rel.as_str(), link.href.as_str(), link.hreflang.as_deref())).collect();
    assert_eq!(links, [("canonical", "https://x.es/a", None), ("alternate", "/en", Some("en"))]);
    assert!(document.blocks.is_empty());
}

#[test]
fn json_ld_is_kept_as_written() {
    let input = "<script type='application/LD+json; charset=utf-8'>\n{\"a\": \"<b>&amp;\"}</script><script>var x;</script>";
    let document = html(input);
    assert_points(input, &document);
    assert_eq!(document.json_ld.len(), 1);
    assert_eq!(document.json_ld[0].as_str(), "\n{\"a\": \"<b>&amp;\"}");
}

#[test]
fn microdata_nests() {
    let input = "<div itemscope itemtype='https://schema.org/Product'><h1 itemprop=name>Un  <b>yunque</b></h1><img itemprop=image src=y.png>\
                 <p itemprop=offers itemscope itemtype=https://schema.org/Offer><span itemprop=price content=9.99>9,99 €</span>\
                 <link itemprop=availability href=https://schema.org/InStock></p></div><p itemprop=lost>x</p>";
    let document = html(input);
    let text = |value: &str| Value::Text(value.to_owned());
    let [Item { kinds, properties, .. }] = &document.microdata[..] else { panic!("one item in {:?}", document.microdata) };
    assert_eq!(kinds, &["https://schema.org/Product"]);
    assert_eq!(properties[0], ("name".to_owned(), text("Un yunque")));
    assert_eq!(properties[1], ("image".to_owned(), text("y.png")));
    let ("offers", Value::Item(offer)) = (properties[2].0.as_str(), &properties[2].1) else { panic!("an offer") };
    assert_eq!(offer.properties, [("price".to_owned(), text("9.99")), ("availability".to_owned(), text("https://schema.org/InStock"))]);
    assert_points(input, &document);
}
