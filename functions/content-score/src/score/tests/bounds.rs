//! Yoast's assessments on both sides of each bound; every expected score was measured on the package.

use super::*;

/// Words that are nobody's.
fn words(number: usize) -> String {
    let letter = |index: usize| char::from(b'a' + (index % 26) as u8);
    (0..number).map(|index| format!("w{}{}x", letter(index), letter(index / 26))).collect::<Vec<_>>().join(" ")
}

fn sentence(number: usize) -> String {
    format!("W{}.", &words(number)[1..])
}

fn sentences(long: usize, all: usize) -> String {
    let each: Vec<_> = (0..all).map(|index| sentence(if index < long { 30 } else { 5 })).collect();
    format!("<p>{}</p>", each.join(" "))
}

fn yoast(locale: Locale, html: &str) -> Report {
    score(&Asked { locale: Some(locale), ..asked(html) }, &Profile::yoast())
}

fn with_keyphrase(html: &str) -> Report {
    let url = url::Url::parse("https://example.com/page").ok();
    score(&Asked { locale: Some(Locale::En), keyphrase: Some("cat food".to_owned()), url, ..asked(html) }, &Profile::yoast())
}

#[test]
fn sentences_are_long_from_21_words_in_english_and_26_in_spanish() {
    for (locale, number, expected) in [(Locale::En, 20, 9), (Locale::En, 21, 3), (Locale::Es, 25, 9), (Locale::Es, 26, 3)] {
        let report = yoast(locale, &format!("<p>{}</p>", sentence(number)));
        assert_eq!(scored(&report, "textSentenceLength"), Some(expected), "{locale:?} {number}");
    }
    for (long, all, expected) in [(1, 4, 9), (25, 100, 9), (26, 100, 6), (30, 100, 6), (31, 100, 3), (3, 11, 6)] {
        assert_eq!(scored(&yoast(Locale::Es, &sentences(long, all)), "textSentenceLength"), Some(expected), "{long} of {all}");
    }
}

#[test]
fn transitions_are_wanted_from_200_words_on() {
    for (locale, word) in [(Locale::En, "However, "), (Locale::Es, "Además, ")] {
        for (with, all, expected) in
            [(0, 30, 3), (5, 30, 3), (6, 30, 6), (8, 30, 6), (9, 30, 9), (19, 100, 3), (20, 100, 6), (29, 100, 6), (30, 100, 9)]
        {
            let text: Vec<_> = (0..all).map(|index| format!("{}{}", if index < with { word } else { "" }, sentence(8))).collect();
            let report = yoast(locale, &format!("<p>{}</p>", text.join(" ")));
            assert_eq!(scored(&report, "textTransitionWords"), Some(expected), "{locale:?} {with} of {all}");
        }
    }
    for (number, expected) in [(199, 9), (200, 3)] {
        assert_eq!(scored(&yoast(Locale::En, &format!("<p>{}</p>", sentence(number))), "textTransitionWords"), Some(expected));
    }
}

#[test]
fn a_tenth_may_be_passive() {
    for (locale, passive) in [(Locale::En, "The cat was eaten by dogs."), (Locale::Es, "El libro fue escrito por Ana.")] {
        for (number, all, expected) in [(0, 10, 9), (1, 10, 9), (1, 9, 6), (15, 100, 6), (16, 100, 3)] {
            let text: Vec<_> = (0..all).map(|index| if index < number { passive.to_owned() } else { sentence(6) }).collect();
            let report = yoast(locale, &format!("<p>{}</p>", text.join(" ")));
            assert_eq!(scored(&report, "passiveVoice"), Some(expected), "{locale:?} {number} of {all}");
        }
    }
}

#[test]
fn paragraphs_may_have_150_words_and_sections_300() {
    for (number, expected) in [(150, 9), (151, 6), (200, 6), (201, 3)] {
        for html in [format!("<p>{}</p>", words(number)), format!("<ul><li>{}</li></ul>", words(number))] {
            assert_eq!(scored(&yoast(Locale::En, &html), "textParagraphTooLong"), Some(expected), "{number}");
        }
        assert_eq!(scored(&yoast(Locale::En, &format!("<h2>{}</h2><p>x</p>", words(number))), "textParagraphTooLong"), Some(9));
    }
    let sections = |before: usize, each: &[usize]| {
        let mut html = if before > 0 { format!("<p>{}</p>", words(before)) } else { String::new() };
        for number in each {
            html.push_str(&format!("<h2>Head</h2><p>{}</p>", words(*number)));
        }
        scored(&yoast(Locale::En, &html), "subheadingsTooLong")
    };
    for (before, each, expected) in [
        (0, &[300][..], 9),
        (0, &[301], 6),
        (0, &[350], 6),
        (0, &[351], 3),
        (300, &[], 9),
        (301, &[], 2),
        (301, &[10], 6),
        (351, &[10], 3),
        (300, &[10], 9),
        (0, &[100, 301], 6),
        (50, &[300], 9),
    ] {
        assert_eq!(sections(before, each), Some(expected), "{before} {each:?}");
    }
}

#[test]
fn three_sentences_that_begin_alike_are_noticed() {
    for (locale, html, expected) in [
        (Locale::En, "<p>Hey one. Hey two. Hey three.</p>", 3),
        (Locale::En, "<p>Hey one. Hey two.</p><p>Hey three.</p>", 3),
        (Locale::En, "<p>The one. The two. The three.</p>", 9),
        (Locale::En, "<p>The cat one. The cat two. The cat three.</p>", 3),
        (Locale::En, "<ul><li>Hey a</li><li>Hey b</li><li>Hey c</li></ul>", 9),
        (Locale::En, "<p>Hey one.</p><h2>Hey two</h2><p>Hey three.</p>", 3),
        (Locale::En, "<p>Hey one. Hey two.</p><ul><li>x</li></ul><p>Hey three.</p>", 3),
        (Locale::Es, "<p>La casa uno. La casa dos. La casa tres.</p>", 3),
        (Locale::Es, "<p>La casa uno. La mesa dos. La silla tres.</p>", 9),
    ] {
        assert_eq!(scored(&yoast(locale, html), "sentenceBeginnings"), Some(expected), "{html}");
    }
}

#[test]
fn the_introduction_is_the_first_paragraph() {
    for (html, expected) in [
        ("", 3),
        ("<p>cat food is</p>", 9),
        ("<p>Cat is. Food is.</p>", 6),
        ("<p>cat</p>", 3),
        ("<h1>T</h1><p>cat food is</p>", 9),
        ("<p>one</p><p>cat food</p>", 3),
        ("<ul><li>cat food</li></ul><p>one</p>", 9),
        ("<h2>cat food</h2><p>one</p>", 3),
        ("<blockquote><p>no</p></blockquote><p>cat food</p>", 9),
        ("<p></p><p>cat food</p>", 9),
        ("<p>Cats foods</p>", 3),
        ("<p><a href=x>no</a></p><p>cat food</p>", 9),
        ("<p>Food for the cat</p>", 9),
    ] {
        assert_eq!(scored(&with_keyphrase(html), "introductionKeyword"), Some(expected), "{html}");
    }
}

#[test]
fn subheadings_and_alternatives_reflect_the_keyphrase_in_part() {
    for (with, all, expected) in
        [(0, 1, 3), (1, 1, 9), (1, 2, 9), (2, 2, 3), (1, 4, 3), (3, 4, 9), (29, 100, 3), (30, 100, 9), (75, 100, 9), (76, 100, 3)]
    {
        let html: String = (0..all).map(|index| format!("<h2>{}</h2><p>x</p>", if index < with { "cat food" } else { "other" })).collect();
        assert_eq!(scored(&with_keyphrase(&html), "subheadingsKeyword"), Some(expected), "{with} of {all}");
    }
    for (with, all, expected) in [
        (0, 0, 3),
        (0, 1, 6),
        (1, 1, 9),
        (1, 5, 6),
        (2, 5, 9),
        (4, 5, 9),
        (5, 5, 6),
        (4, 4, 9),
        (2, 7, 6),
        (3, 7, 9),
        (5, 7, 9),
        (6, 7, 6),
        (7, 10, 9),
        (8, 10, 6),
    ] {
        let html: String = (0..all).map(|index| format!("<img src=a alt={}>", if index < with { "cat" } else { "dog" })).collect();
        assert_eq!(scored(&with_keyphrase(&format!("<p>x</p>{html}")), "imageKeyphrase"), Some(expected), "{with} of {all}");
    }
}

#[test]
fn links_lead_inside_outside_or_nowhere() {
    for (link, outside, inside) in [
        ("<a href=\"https://other.com\">x</a>", 9, 3),
        ("<a href=\"https://other.com\" rel=\"nofollow\">x</a>", 7, 3),
        ("<a href=\"https://other.com\" rel=\"nofollow\">x</a><a href=\"https://other.com\">x</a>", 8, 3),
        ("<a href=\"/in\">x</a>", 3, 9),
        ("<a href=\"https://example.com/in\" rel=nofollow>x</a>", 3, 7),
        ("<a href=\"#a\">x</a>", 3, 3),
        ("<a href=\"mailto:a@b.c\">x</a>", 3, 3),
        ("<a>x</a>", 3, 3),
        ("<a href=\"https://other.com\" rel=\"sponsored\">x</a>", 9, 3),
    ] {
        let report = with_keyphrase(&format!("<p>text {link}</p>"));
        assert_eq!((scored(&report, "externalLinks"), scored(&report, "internalLinks")), (Some(outside), Some(inside)), "{link}");
    }
    for (text, expected) in [
        ("cat food", 2),
        ("the cat food", 2),
        ("more cat food", 2),
        ("food of cat", 2),
        ("cat", 8),
        ("organic cat food", 8),
        ("Cats food", 8),
    ] {
        assert_eq!(
            scored(&with_keyphrase(&format!("<p>text <a href=\"/o\">{text}</a></p>")), "textCompetingLinks"),
            Some(expected),
            "{text}"
        );
    }
}

#[test]
fn title_description_slug_and_length_have_yoasts_bounds() {
    let of = |title: &str, description: &str, slug: &str, html: &str| {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let asked = Asked {
            keyphrase: Some("cat food".to_owned()),
            title: some(title),
            meta_description: some(description),
            slug: some(slug),
            locale: Some(Locale::En),
            ..asked(html)
        };
        score(&asked, &Profile::yoast())
    };
    for (title, expected) in [
        ("", 2),
        ("Cat food here", 9),
        ("The cat food", 9),
        ("Food for cat", 6),
        ("cat only", 2),
        ("\"Cat food\" x", 9),
        ("Cat-food", 6),
        ("Cats food", 2),
        ("Red cat food", 6),
    ] {
        assert_eq!(scored(&of(title, "", "", "<p>x</p>"), "keyphraseInSEOTitle"), Some(expected), "{title}");
    }
    for (length, expected) in [(0, 1), (1, 6), (120, 6), (121, 9), (156, 9), (157, 6)] {
        assert_eq!(scored(&of("", &"x".repeat(length), "", "<p>x</p>"), "metaDescriptionLength"), Some(expected), "{length}");
    }
    for (description, expected) in [
        ("cat food is", 9),
        ("cat", 3),
        ("Cat. Some food", 3),
        ("cat food cat food", 9),
        ("cat food cat food cat food", 3),
        ("dog eats", 3),
    ] {
        assert_eq!(scored(&of("", description, "", "<p>x</p>"), "metaDescriptionKeyword"), Some(expected), "{description}");
    }
    for (slug, expected) in [("", 3), ("cat-food", 9), ("cat", 6), ("my-cat-food-here", 9)] {
        assert_eq!(scored(&of("", "", slug, "<p>x</p>"), "slugKeyword"), Some(expected), "{slug}");
    }
    for (number, expected) in [(1, -20), (99, -20), (100, -10), (199, -10), (200, 3), (249, 3), (250, 6), (299, 6), (300, 9)] {
        assert_eq!(scored(&of("", "", "", &format!("<p>{}</p>", words(number))), "textLength"), Some(expected), "{number}");
    }
    for (html, expected) in [("<h1>a</h1>", 8), ("<h1>a</h1><h1>b</h1>", 1), ("<p>x</p>", 8)] {
        assert_eq!(scored(&of("", "", "", html), "singleH1"), Some(expected));
    }
}

#[test]
fn fewer_words_need_a_subheading_by_the_brief_than_by_yoast() {
    let asked = Asked { locale: Some(Locale::En), ..asked(&format!("<p>{}</p><p>{}</p>", words(100), words(100))) };
    let by = |profile| scored(&score(&asked, &profile), "subheadingsTooLong");
    assert_eq!((by(Profile::brief()), by(Profile::yoast())), (Some(2), Some(9)));
}

#[test]
fn a_line_or_two_is_worth_less_than_a_paragraph() {
    let of = |number| score(&Asked { locale: Some(Locale::En), ..asked(&format!("<p>{}</p>", words(number))) }, &Profile::brief()).score;
    assert!(of(90) > of(8) + 5, "{} {}", of(90), of(8));
}
