//! HTML: which blocks browsers make of it, and what is read in them.

use super::{assert_points, html, sketch};

#[test]
fn blocks_are_those_of_a_browser() {
    let cases = [
        ("", ""),
        ("hola", "p|hola"),
        ("<p>uno<p>dos", "p|uno\np|dos"),
        ("<p>uno</p>dos<p>tres</p>", "p|uno\np|dos\np|tres"),
        ("<p>uno<div>dos</div>tres", "p|uno\np|dos\np|tres"),
        ("<div>a<p>b</p>c</div>", "p|a\np|b\np|c"),
        ("<p>un <b>dos</b><i>tres</i> cuatro</p>", "p|un dostres cuatro"),
        ("<p>  a \n\t b&nbsp;&nbsp;c  </p>", "p|a b\u{a0}\u{a0}c"),
        ("<p>a <b> b </b> c</p>", "p|a b c"),
        ("<p>a<br>b<br/>\n c</br>d</p>", "p|a⏎b⏎c⏎d"),
        ("<p>a<br><br>b<br></p>", "p|a⏎⏎b"),
        ("<p><br>a</p>", "p|a"),
        ("<h1>Uno</h1><h2>Dos<h3>Tres</h3>", "h1|Uno\nh2|Dos\nh3|Tres"),
        ("<h2>Uno</h3>dos", "h2|Uno\np|dos"),
        ("<ul><li>a<li>b<ul><li>c</ul>d</ul>e", "li1|a\nli1|b\nli2|c\nli1|d\np|e"),
        ("<ol><li><p>a</p><p>b</p></li></ol>", "li1|a\nli1|b"),
        ("<ul><li><div>a<li>b</ul>", "li1|a\nli1|b"),
        ("<li>a</li>", "li1|a"),
        ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "li1|a\nli1|b\nli1|c\nli1|d"),
        ("<blockquote><p>a</p>b</blockquote>c", "quote|a\nquote|b\np|c"),
        ("<table><caption>t</caption><tr><th>a<td>b<tr><td>c<td>d</table>e", "caption|t\ncell|a\ncell|b\ncell|c\ncell|d\np|e"),
        ("<table><td>a</table>", "p|a"),
        ("<tr><td>a</td></tr>", "p|a"),
        ("<figure><img src=x alt=y><figcaption>pie</figcaption></figure>", "caption|pie"),
        ("<details><summary>¿Qué?</summary>Eso.</details>", "p|¿Qué?\np|Eso."),
        ("<pre>\n a\r\n  b\n</pre>c", "code| a⏎  b\np|c"),
        ("<p>usa <code>a  b</code> ya</p>", "p|usa a b ya"),
        ("<option>a<option>b", "p|a\np|b"),
        ("<select><option>a<option>b</select>c", "p|c"),
        ("<p>a</span>b</p>", "p|ab"),
        ("<p>a</div>b</p>", "p|ab"),
        ("<p>a</h2>b<p>c</p></p>d", "p|ab\np|c\np|d"),
        ("<b><p>a</b>b</p>c", "p|ab\np|c"),
        ("<a href=1>a<a href=2>b</a>", "p|ab"),
        ("<button>a<button>b</button>", "p|ab"),
        ("<!DOCTYPE html><html><head><title>t</title></head><body>a</body></html>b", "p|ab"),
        ("<p>a<!-- <p>x</p> -->b", "p|ab"),
        ("a</>b", "p|ab"),
        ("a < b & c", "p|a < b & c"),
        ("a<span style='display:block'>b</span>c", "p|a\np|b\np|c"),
        ("<p>a<img src=x style='display: block'>b</p>", "p|a\np|b"),
        ("a<html lang=es><body>b", "p|ab"),
        ("<select><select>a", "p|a"),
        ("<p>a<hr>b", "p|a\np|b"),
        ("<label>Nombre</label><textarea>\nx</textarea>", "p|Nombre"),
        ("<address>a</address><center>b</center>", "p|a\np|b"),
        ("<plaintext><b>a", "code|<b>a"),
        ("<pre><b>a </b></pre>", "code|a"),
        ("<pre><p>a</p>  b</pre>", "code|a\ncode|  b"),
        ("<pre>a <a href=x>b\n</a>\n</pre>", "code|a b"),
    ];
    for (input, expect) in cases {
        let document = html(input);
        assert_eq!(sketch(&document), expect, "of {input:?}");
        assert_points(input, &document);
    }
}

#[test]
fn what_is_not_on_the_page_is_not_read() {
    let cases = [
        "<script>a</script>",
        "<script>if (a < b) document.write('<p>x</p>')</script>",
        "<script><!-- <script>a</script> --></script>",
        "<style>p{}</style>",
        "<template><p>a</p></template>",
        "<noscript><p>a</p></noscript>",
        "<p hidden>a</p>",
        "<p style='color:red; DISPLAY : none !important'>a</p>",
        "<p aria-hidden=true>a</p>",
        "<div style=visibility:hidden><p>a</div>",
        "<svg><title>a</title><text>b</text></svg>",
        "<svg><style>a</style><path/><g><text>b</g></svg>",
        "<iframe>a</iframe>",
        "<video>a</video>",
        "<datalist><option>a</datalist>",
        "<dialog>a</dialog>",
        "<head><title>a</title></head>",
        "<ruby><rp>(</rp></ruby>",
        "<math><mi>a</mi></math>",
    ];
    for input in cases {
        let page = format!("<p>uno</p>{input}<p>dos</p>");
        let document = html(&page);
        assert_eq!(sketch(&document), "p|uno\np|dos", "of {page:?}");
        assert!(document.links.is_empty() && document.images.is_empty());
    }
}

#[test]
fn a_drawing_that_is_not_closed_ends_with_the_next_paragraph() {
    assert_eq!(sketch(&html("<svg><g><path><p>a</p>")), "p|a");
}

#[test]
fn what_surrounds_the_text_is_told_from_it() {
    let page = "<header><a href=/>Inicio</a></header><nav><ul><li>a</ul></nav><main><header><h1>T</h1><p>b</p></header><aside>c</aside></main>\
                <aside>d</aside><footer>e</footer>";
    assert_eq!(sketch(&html(page)), "chrome|Inicio\nchrome|a\nh1|T\np|b\np|c\nchrome|d\nchrome|e");
    let hero = "<header><nav>menú</nav><h1>T</h1><p>Entrada</p></header><div role=contentinfo>pie</div>";
    assert_eq!(sketch(&html(hero)), "chrome|menú\nh1|T\np|Entrada\nchrome|pie");
    assert_eq!(sketch(&html("<article><footer>a</footer></article><nav><h2>b</h2></nav>")), "p|a\nchrome|b");
}

#[test]
fn entities_are_read_and_point_at_what_was_written() {
    let input = "<p>caf&eacute; &amp; t&#233; &#x20AC;5 &notit; &copy2024 x&nbspy &bogus; &#59;</p>";
    let document = html(input);
    let text = &document.blocks[0].text;
    assert_eq!(text.as_str(), "café & té €5 ¬it; ©2024 x\u{a0}y &bogus; ;");
    for (word, written) in
        [("café", "caf&eacute;"), ("é &", "&eacute; &amp;"), ("té", "t&#233;"), ("€5", "&#x20AC;5"), ("y &bogus; ;", "y &bogus; &#59;")]
    {
        let at = text.as_str().find(word).unwrap();
        assert_eq!(&input[text.span(at..at + word.len()).range()], written);
    }
    assert_points(input, &document);
}

#[test]
fn a_collapsed_space_points_at_all_of_it() {
    let input = "<p>a \n  b <i> c</i></p>";
    let text = &html(input).blocks[0].text;
    assert_eq!(text.as_str(), "a b c");
    assert_eq!(&input[text.span(1..2).range()], " \n  ");
    assert_eq!(&input[text.span(0..5).range()], "a \n  b <i> c");
}

#[test]
fn what_has_no_width_is_left_out_and_still_pointed_across() {
    let input = "<p>car\u{ad}pin&shy;te\u{200b}ría \u{feff}👩\u{200d}🔬</p>";
    let document = html(input);
    let text = &document.blocks[0].text;
    assert_eq!(text.as_str(), "carpintería 👩\u{200d}🔬");
    assert_eq!(&input[text.span(0.."carpintería".len()).range()], "car\u{ad}pin&shy;te\u{200b}ría");
    assert_points(input, &document);
}

#[test]
fn carriage_returns_are_line_ends() {
    let input = "<p>a\r\nb\rc&#13;d</p>";
    let document = html(input);
    assert_eq!(sketch(&document), "p|a b c d");
    assert_points(input, &document);
}

#[test]
fn a_blocks_span_is_its_element() {
    let cases = [
        ("x<p class=a>uno</p>y", 1, "<p class=a>uno</p>"),
        ("<p>uno\n<p>dos", 0, "<p>uno"),
        ("<p>uno <b>dos</b> <p>", 0, "<p>uno <b>dos</b>"),
        ("<li><p>a</p></li>", 0, "<p>a</p>"),
        ("<li>a<ul><li>b</ul></li>", 0, "<li>a"),
        ("<div> a <p>b</p> c </div>", 2, "c"),
        ("<body>a", 0, "a"),
    ];
    for (input, number, expect) in cases {
        let document = html(input);
        assert_eq!(&input[document.blocks[number].span.range()], expect, "of {input:?}");
    }
}

#[test]
fn language_centring_and_emphasis_are_inherited() {
    let input = "<html lang=es><body><p>a <b>b <i>c</i></b> d <em>e</em></p><div lang=en style='text-align:center'><p>f</p><p align=left>g</p></div>\
                 <p class='x has-text-align-center' lang=''>h</p><center>i</center>";
    let document = html(input);
    assert_eq!(document.head.lang.as_deref(), Some("es"));
    let seen: Vec<_> = document.blocks.iter().map(|block| (block.text.as_str(), block.lang.as_deref(), block.is_centred)).collect();
    let expect =
        [("a b c d e", Some("es"), false), ("f", Some("en"), true), ("g", Some("en"), false), ("h", None, true), ("i", Some("es"), true)];
    assert_eq!(seen, expect);
    let emphasis: Vec<_> = document.blocks[0].emphasis.iter().map(|range| &document.blocks[0].text.as_str()[range.clone()]).collect();
    assert_eq!(emphasis, ["b c", "e"]);
}

#[test]
fn what_is_open_without_end_is_bounded() {
    let deep = "<div>".repeat(5_000) + "hola<h2>t</h2><p>b" + &"</div>".repeat(5_000) + "<p>fin";
    assert_eq!(sketch(&html(&deep)), "p|hola\nh2|t\np|b\np|fin");
    let messy = "<p><b>x".repeat(3_000);
    assert_eq!(html(&messy).blocks.len(), 3_000);
}
