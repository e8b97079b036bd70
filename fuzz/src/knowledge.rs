//! Articles in every shape that they come in.

use std::collections::BTreeSet;

use orilla_knowledge::kb::import::{self, Row, html};
use orilla_knowledge::kb::{Article, markdown};
use orilla_text::Locale;

use crate::text;

/// Lines of JSON.
pub fn lines(input: &[u8]) {
    check(&import::json_lines(&text(input)));
}

/// A spreadsheet's CSV, and one whose head is right.
pub fn csv(input: &[u8]) {
    let input = text(input);
    for file in [input.clone(), format!("id,lang,question,answer,paraphrases\n{input}").into()] {
        if let Ok(rows) = import::csv(&file) {
            check(&rows);
        }
    }
}

/// Markdown with front matter, and a text as an article's own.
pub fn article(input: &[u8]) {
    let input = text(input);
    if let Ok(article) = Article::from_markdown(&input) {
        known(&article);
    }
    let plain = markdown::plain(&input);
    let sections: usize = markdown::sections(&input).iter().map(|section| section.text.len()).sum();
    assert!(sections <= plain.text.len(), "no section says what the whole does not");
    assert!(plain.links.len() <= 20 && plain.links.iter().all(|link| !link.url.starts_with("javascript:")));
}

/// A page of questions and answers.
pub fn page(input: &[u8]) {
    let rows = html::page(&text(input), Locale::Es, Some("https://a.example/faq"));
    check(&rows);
}

/// Every row has its place, and every article comes back from its JSON; none hides another.
fn check(rows: &[Row]) {
    assert!(rows.len() <= import::MAX_ROWS + 1 && rows.windows(2).all(|pair| pair[0].line < pair[1].line));
    let mut seen = BTreeSet::new();
    for row in rows {
        match &row.outcome {
            Ok(article) => {
                known(article);
                assert!(seen.insert((article.id.clone(), article.locale.as_str())), "{} stands there twice", article.id);
            }
            Err(violations) => assert!(!violations.is_empty(), "a row is refused for a reason"),
        }
    }
}

fn known(article: &Article) {
    let json = serde_json::to_value(article).unwrap();
    assert_eq!(Article::from_json(&json).as_ref(), Ok(article));
}
