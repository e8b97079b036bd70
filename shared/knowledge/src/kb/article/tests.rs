use proptest::prelude::*;
use serde_json::json;

use super::*;

const FILE: &str = "---\nid: price\nlocale: es\nquestion: ¿Cuánto   cuesta?\nparaphrases:\n  - qué precio tiene\n  - \"tarifas: ¿dónde?\"\ntags: [ventas]\nlinks:\n  - title: Precios\n    url: /precios\n  - https://marea.example/tarifas\n---\n\nUna cuota por **instructor**.\n";

#[test]
fn reads_a_file() {
    let article = Article::from_markdown(FILE).unwrap();
    assert_eq!((article.id.as_str(), article.locale, article.question.as_str()), ("price", Locale::Es, "¿Cuánto cuesta?"));
    assert_eq!(article.paraphrases, ["qué precio tiene", "tarifas: ¿dónde?"]);
    assert_eq!(
        article.links,
        [Link { title: "Precios".to_owned(), url: "/precios".to_owned() }, Link::new("", "https://marea.example/tarifas").unwrap()]
    );
    assert_eq!((article.url(), article.answer.as_str()), (Some("/precios"), "Una cuota por **instructor**."));
    let windows = Article::from_markdown(&format!("\u{feff}{}", FILE.replace('\n', "\r\n"))).unwrap();
    assert_eq!(windows, article);
    assert_eq!(Article::from_json(&serde_json::to_value(&article).unwrap()).unwrap(), article);
}

#[track_caller]
fn check(outcome: Result<Article, Vec<Violation>>, expect: &[(&str, &str)]) {
    let found = outcome.unwrap_err();
    let mut found: Vec<_> = found.iter().map(|it| (it.field.as_str(), it.code.as_ref())).collect();
    found.sort_unstable();
    assert_eq!(found, expect);
}

#[test]
fn tells_everything_that_is_wrong_at_once() {
    check(
        Article::from_json(&json!({
            "id": "a/b", "lang": "de", "question": "…", "paraphrases": ["x", "X", 7, " "], "links": ["javascript:alert(1)", 3, {"title": "no"}],
            "answer": "", "colour": 1,
        })),
        &[
            ("answer", "required"),
            ("colour", "unknown"),
            ("id", "name"),
            ("lang", "locale"),
            ("links[0]", "url"),
            ("links[1]", "type"),
            ("links[2]", "type"),
            ("paraphrases[1]", "duplicate"),
            ("paraphrases[2]", "type"),
            ("paraphrases[3]", "empty"),
            ("question", "empty"),
        ],
    );
    check(Article::from_json(&json!({})), &[("answer", "required"), ("id", "required"), ("locale", "required"), ("question", "required")]);
    check(Article::from_json(&json!([])), &[("body", "type")]);
    let many: Vec<_> = (0..51).map(|at| format!("way {at}")).collect();
    check(
        Article::from_json(&json!({"id": "a", "locale": "en", "question": "q".repeat(501), "answer": "---", "paraphrases": many})),
        &[("answer", "empty"), ("paraphrases", "too_many"), ("question", "too_long")],
    );
}

#[test]
fn tells_what_is_no_front_matter() {
    for (file, code) in [
        ("", "missing"),
        ("# Hi\n---\n", "missing"),
        ("---\nid: a\n", "missing"),
        ("---\n{: [\n---\nx", "yaml"),
        ("---\n- a\n---\nx", "type"),
        ("---\nanswer: a\n---\nx", "unknown"),
    ] {
        check(Article::from_markdown(file), &[("front_matter", code)]);
    }
    check(Article::from_markdown("---\nid: a\nlocale: en\nquestion: q\n---\n\n"), &[("answer", "required")]);
}

#[test]
fn an_id_that_looks_like_a_number_is_one() {
    let article = Article::from_markdown("---\nid: 2024\nlocale: en\nquestion: What changed in 2024?\n---\nMuch.").unwrap();
    assert_eq!(article.id, "2024");
}

#[test]
fn ids_fit_one_segment_of_a_path() {
    for good in ["a", "outdoor.track-order", "Ñandú_7", "a:b", "..."] {
        assert!(is_id(good), "{good}");
    }
    for bad in ["", ".", "..", "a/b", "a b", "a?b", "a#b", "50%", "a\\b", "a\u{0}", &"x".repeat(121)] {
        assert!(!is_id(bad), "{bad}");
    }
}

#[test]
fn links_lead_to_pages_and_people_only() {
    for good in ["/a", "#a", "https://a.example/x?y#z", "mailto:a@b.example", "tel:+34600000000"] {
        assert!(Link::new("t", good).is_some(), "{good}");
    }
    for bad in [
        "",
        "a",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https://a b",
        "vbscript:x",
        " java\nscript:x",
    ] {
        assert!(Link::new("t", bad).is_none(), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_file_is_read_or_told(text in any::<String>(), front in "[a-z:\\-\\[\\]{}&*!|>'\"#%@`, \n]{0,60}") {
        let _ = Article::from_markdown(&text);
        let _ = Article::from_markdown(&format!("---\n{front}\n---\n{text}"));
    }
}
