//! What is found wrong with structured data, case by case.

use proptest::prelude::*;

use super::json;
use super::*;
use crate::document::Format;

fn of_html(input: &str) -> Vec<Finding> {
    check(&crate::read(input, Format::Html))
}

/// Findings of JSON-LD in short: what is wrong with which property.
fn found(json: &str) -> Vec<String> {
    let findings = of_html(&format!("<script type=application/ld+json>{json}</script>"));
    findings.into_iter().map(|finding| format!("{:?} {}", finding.problem, finding.path)).collect()
}

fn with_context(body: &str) -> String {
    format!("{{\"@context\":\"https://schema.org\",{body}}}")
}

#[test]
fn each_type_is_held_to_its_page() {
    let author = r#""author":{"@type":"Person","name":"Ana","url":"https://x.es/ana"}"#;
    let dates = r#""datePublished":"2024-01-05T08:00:00+08:00","dateModified":"2024-02-05""#;
    let cases: &[(String, &[&str])] = &[
        (format!(r#""@type":"Article","headline":"T","image":["https://x.es/a.jpg"],{dates},{author}"#), &[]),
        (
            r#""@type":["BlogPosting","TechArticle"],"headline":"","author":"Ana","datePublished":"5 de enero""#.to_owned(),
            &[
                "MissingRecommended headline",
                "MissingRecommended image",
                "MissingRecommended dateModified",
                "MissingRecommended author.name",
                "MissingRecommended author.url",
                "BadDate datePublished",
                "WrongType author",
            ],
        ),
        (r#""@type":"FAQPage","mainEntity":[{"@type":"Question","name":"¿Q?","acceptedAnswer":{"@type":"Answer","text":"R"}}]"#.to_owned(), &[]),
        (
            r#""@type":"FAQPage","mainEntity":[{"@type":"Question","acceptedAnswer":{"@type":"Answer"}},{"@type":"Question","name":"¿Q?"},"x"]"#
                .to_owned(),
            &[
                "WrongType mainEntity",
                "MissingRequired mainEntity[0].name",
                "MissingRequired mainEntity[0].acceptedAnswer.text",
                "MissingRequired mainEntity[1].acceptedAnswer",
            ],
        ),
        (r#""@type":"FAQPage""#.to_owned(), &["MissingRequired mainEntity"]),
        (
            r#""@type":"Product","image":"a.png","description":"d","brand":"b","review":{"@type":"Review","reviewRating":{"@type":"Rating"}},
               "offers":{"@type":"Offer","price":"9,99"},"aggregateRating":{"@type":"AggregateRating","ratingValue":4.5}"#
                .to_owned(),
            &[
                "MissingRequired name",
                "MissingRequired aggregateRating.ratingCount",
                "BadNumber offers.price",
                "MissingRequired review.author",
                "MissingRequired review.reviewRating.ratingValue",
            ],
        ),
        (
            r#""@type":"Product","name":"n","image":"www.x.es/a.png","description":"d","brand":{"@type":"Brand","name":"b"}"#.to_owned(),
            &[
                "MissingRequired offers",
                "MissingRecommended offers",
                "MissingRecommended review",
                "MissingRecommended aggregateRating",
                "BadUrl image",
            ],
        ),
        (
            r#""@type":"Product","name":"n","image":"/a.png","description":"d","brand":"b","review":{"@id":"r"},"aggregateRating":{"@id":"g"},
               "offers":[{"@type":"AggregateOffer","lowPrice":1},{"@type":"Offer","priceSpecification":{"price":"2.50"}}]"#
                .to_owned(),
            &["MissingRequired offers[0].priceCurrency"],
        ),
        (
            r#""@type":"Corporation","name":"n","url":"https://x.es","logo":{"@type":"ImageObject","url":"l"},"sameAs":["https://a.es","javascript:x"]"#
                .to_owned(),
            &["BadUrl sameAs"],
        ),
        (
            r#""@type":"BreadcrumbList","itemListElement":[{"@type":"ListItem","position":1,"item":{"@id":"https://x.es","name":"Inicio"}},
               {"@type":"ListItem","position":"2","name":"Guías"},{"@type":"ListItem","name":"Esta"}]"#
                .to_owned(),
            &["MissingRequired itemListElement[1].item", "MissingRequired itemListElement[2].position"],
        ),
        (
            r#""@type":"BreadcrumbList","itemListElement":[{"@type":"ListItem","position":1,"name":"a"}]"#.to_owned(),
            &["MissingRequired itemListElement[1]"],
        ),
        (r#""@type":"HowTo","name":"n","step":[{"@type":"HowToStep","text":"t"},{"@type":"HowToStep"},"t"]"#.to_owned(), &["MissingRequired step[1].text"]),
        (r#""@type":"article""#.to_owned(), &["UnknownType @type"]),
        (r#""name":"x""#.to_owned(), &["UnknownType @type"]),
        (r#""@type":"Recipe""#.to_owned(), &[]),
        (r#""@graph":[{"@type":"WebSite"},{"@type":"https://schema.org/FAQPage"},{"@id":"x"}]"#.to_owned(), &["MissingRequired mainEntity"]),
    ];
    for (body, expect) in cases {
        let mut seen = found(&with_context(body));
        let mut expect: Vec<_> = expect.iter().map(|line| (*line).to_owned()).collect();
        seen.sort();
        expect.sort();
        assert_eq!(seen, expect, "of {body}");
    }
}

#[test]
fn the_vocabulary_is_schema_orgs_however_it_is_written() {
    for context in [r#""http://schema.org""#, r#""https://www.schema.org/""#, r#"["x",{"@vocab":"https://schema.org/"}]"#] {
        assert!(found(&format!(r#"[{{"@context":{context},"@type":"WebSite"}}]"#)).is_empty(), "{context}");
    }
    for context in [r#""https://example.org""#, "null", r#""schema.org.example""#] {
        assert_eq!(found(&format!(r#"{{"@context":{context},"@type":"WebSite"}}"#)), ["MissingRequired @context"], "{context}");
    }
    assert_eq!(found("\"x\""), ["WrongType "]);
}

#[test]
fn broken_json_is_pointed_at() {
    for (json, rest) in [
        (r#"{"a":1,}"#, "}"),
        (r#"{"a" 1}"#, "1"),
        ("{\"a\":\"ñ\u{a}\"}", "\u{a}"),
        (r"{'a':1}", "'"),
        (r#"{"a":"\x"}"#, r"\"),
        (r#"{"a":"\ud800"}"#, r"\"),
        ("", ""),
        (r#"{"a":"#, ""),
        (r#"{"a":01}"#, "1"),
        ("{} {}", "{"),
    ] {
        let input = format!("<p>ñ</p><script type=application/ld+json>{json} </script>");
        let findings = of_html(&input);
        if json.is_empty() {
            // An empty script is read as nothing but white space.
            assert_eq!(findings.len(), 1);
            continue;
        }
        assert_eq!(findings[0].problem, Problem::BrokenJson, "{json}");
        let pointed = &input[findings[0].span.range()];
        assert_eq!(pointed, rest, "of {json}");
    }
    let deep = format!("<script type=application/ld+json>{}</script>", "[".repeat(100_000));
    assert_eq!(of_html(&deep)[0].problem, Problem::BrokenJson);
}

#[test]
fn a_finding_points_at_the_value_or_the_type() {
    let input = r#"<script type="application/ld+json">{"@context":"https://schema.org","@type":"FAQPage","mainEntity":"x"}</script>"#;
    let findings = of_html(input);
    assert_eq!((findings.len(), findings[0].kind.as_str()), (1, "FAQPage"));
    assert_eq!(&input[findings[0].span.range()], "\"x\"");
    let missing = input.replace(r#","mainEntity":"x""#, "");
    assert_eq!(&missing[of_html(&missing)[0].span.range()], "\"FAQPage\"");
}

#[test]
fn microdata_is_held_to_the_same() {
    let input = "<div itemscope itemtype='http://schema.org/Product'><b itemprop=name>Yunque</b><img itemprop=image src='a b.png'>\
                 <i itemprop=description>d</i><i itemprop=brand>b</i>\
                 <p itemprop=offers itemscope itemtype=https://schema.org/Offer><i itemprop=price>9,99</i></p>\
                 <i itemprop=review itemscope itemtype=https://schema.org/Review><i itemprop=author>Ana</i></i>\
                 <i itemprop=aggregateRating>4</i></div><div itemscope itemtype=https://data-vocabulary.org/Thing></div>";
    let mut seen: Vec<_> = of_html(input).into_iter().map(|finding| format!("{:?} {}", finding.problem, finding.path)).collect();
    seen.sort();
    assert_eq!(seen, ["BadNumber offers.price", "BadUrl image", "MissingRequired review.reviewRating", "WrongType aggregateRating"]);
    assert_eq!(kinds(&crate::read(input, Format::Html)), ["Product"]);
}

#[test]
fn dates_are_iso_8601s() {
    let date = |date: &str| {
        found(&with_context(&format!(r#""@type":"Review","author":"a","reviewRating":{{"@id":"r"}},"datePublished":"{date}""#))).is_empty()
    };
    for good in [
        "2024-01-05",
        "2024-01-05T08:00",
        "2024-01-05T08:00:00Z",
        "2024-01-05T08:00:00.123+02:00",
        "2024-01-05T08:00:00-0500",
        "2024-01-05 08:00:00",
    ] {
        assert!(date(good), "{good}");
    }
    for bad in
        ["2024", "05/01/2024", "2024-13-01", "2024-1-5", "2024-01-05T", "2024-01-05T25:00", "2024-01-05T08:00:00+2", "ayer", "2024-01-05Tñ"]
    {
        assert!(!date(bad), "{bad}");
    }
}

#[test]
fn a_page_full_of_mistakes_is_told_of_some() {
    let many = format!("[{}]", vec![with_context(r#""@type":"FAQPage""#); 1_000].join(","));
    assert_eq!(found(&many).len(), MAX_FINDINGS);
}

/// Any value as JSON.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..5).prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn same(ours: &json::Json, theirs: &serde_json::Value) -> bool {
    match (&ours.value, theirs) {
        (json::Value::Null, serde_json::Value::Null) | (json::Value::Bool, serde_json::Value::Bool(_)) => true,
        (json::Value::Number(ours), serde_json::Value::Number(theirs)) => *ours == theirs.to_string(),
        (json::Value::Text(ours), serde_json::Value::String(theirs)) => ours == theirs,
        (json::Value::List(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (json::Value::Object(ours), serde_json::Value::Object(theirs)) => {
            ours.len() == theirs.len() && ours.iter().all(|(name, value)| theirs.get(name).is_some_and(|theirs| same(value, theirs)))
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn json_is_read_as_serde_json_reads_it(value in any_json(), is_pretty in any::<bool>(), cut in any::<prop::sample::Index>(), noise in "[\\[\\]{}:,\"0-9.eE+\\-\\\\un ]{0,2}") {
        let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let read = json::parse(&text);
        prop_assert!(read.as_ref().is_ok_and(|read| same(read, &value)), "{read:?} of {text}");
        let at = text.floor_char_boundary(cut.index(text.len() + 1));
        let spoilt = format!("{}{noise}{}", &text[..at], &text[at..]);
        let read = json::parse(&spoilt);
        match serde_json::from_str::<serde_json::Value>(&spoilt) {
            Ok(_) => prop_assert!(read.is_ok(), "{read:?} of {spoilt}"),
            // Numbers too large for a float are none to serde_json alone.
            Err(error) => prop_assert!(read.is_err() || error.to_string().contains("out of range"), "{error} of {spoilt}"),
        }
    }

    #[test]
    fn whatever_stands_in_a_script_is_checked_and_pointed_at(value in any_json(), kind in prop::sample::select(vec!["Article", "FAQPage", "Product", "BreadcrumbList", "HowTo", "Offer", "Question"]), name in prop::sample::select(vec!["mainEntity", "itemListElement", "offers", "step", "author", "datePublished", "image"])) {
        let input = format!("ñ<script type=application/ld+json>{}</script>", serde_json::json!({"@type": kind, name: value}));
        for finding in of_html(&input) {
            prop_assert!(input.get(finding.span.range()).is_some(), "{finding:?}");
        }
    }
}
