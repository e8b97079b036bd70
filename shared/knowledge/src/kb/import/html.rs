//! Questions and answers off a page: as `schema.org/FAQPage` tells them, in JSON-LD or microdata; else by what the page looks like, `<details>`
//! first, lists of terms next, headings last. The page is read, never run.

mod tree;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use orilla_text::Locale;
use serde_json::{Value as Json, json};

use super::{MAX_ROWS, Row, told};
use crate::kb::Article;
use tree::{Element, Node};

/// How deep JSON-LD is searched. Chosen: a graph in a page in a list.
const MAX_DEPTH: usize = 8;
/// The most characters of an id made of a question.
const ID_CHARS: usize = 60;

/// One question of a page.
#[derive(Debug, PartialEq, Eq)]
struct Pair {
    question: String,
    /// In Markdown.
    answer: String,
}

/// Reads every question of a page; an empty list where it has none. Ids are made of the questions.
#[must_use]
pub fn page(html: &str, locale: Locale, url: Option<&str>) -> Vec<Row> {
    let page = tree::read(html);
    let all = page.all();
    let ways: [&dyn Fn() -> Vec<Pair>; 5] =
        [&|| json_ld(&all), &|| microdata(&all), &|| details(&all), &|| terms(&all), &|| headings(&page)];
    let pairs = ways.iter().map(|way| way()).find(|pairs| !pairs.is_empty()).unwrap_or_default();
    let (mut taken, mut times) = (BTreeSet::<String>::new(), BTreeMap::<String, usize>::new());
    let row = |(at, pair): (usize, Pair)| {
        let plain = identifier(&pair.question);
        let mut id = plain.clone();
        // Another question may read as this one's number: none takes another's place.
        while !taken.insert(id.clone()) {
            let times = times.entry(plain.clone()).or_insert(1);
            *times += 1;
            id = format!("{plain}-{times}");
        }
        let mut fields = json!({"id": id, "locale": locale, "question": pair.question, "answer": pair.answer});
        if let Some(url) = url {
            fields["links"] = json!([url]);
        }
        let outcome =
            if at < MAX_ROWS { Article::from_json(&fields) } else { Err(told("file", "too_many", "A page has 10,000 questions at most.")) };
        Row { line: at + 1, outcome }
    };
    pairs.into_iter().take(MAX_ROWS + 1).enumerate().map(row).collect()
}

/// Words of a question in an address.
fn identifier(question: &str) -> String {
    let folded = orilla_learn::words::fold(question);
    let words: Vec<_> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut id = String::new();
    for word in words {
        if id.chars().count() + word.chars().count() > ID_CHARS {
            break;
        }
        id.push_str(if id.is_empty() { "" } else { "-" });
        id.push_str(word);
    }
    if id.is_empty() { "question".to_owned() } else { id }
}

/// Source: schema.org/FAQPage: `mainEntity` holds a `Question`s with `name` and `acceptedAnswer.text`, which may be HTML.
fn json_ld(all: &[&Element]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for script in all.iter().filter(|it| it.name == "script" && it.attribute("type").trim().eq_ignore_ascii_case("application/ld+json")) {
        let text: String = script.children.iter().map(|node| if let Node::Words(words) = node { words.as_str() } else { "" }).collect();
        if let Ok(json) = serde_json::from_str::<Json>(text.trim()) {
            questions(&json, MAX_DEPTH, &mut pairs);
        }
    }
    pairs
}

fn questions(json: &Json, depth: usize, pairs: &mut Vec<Pair>) {
    let below: Vec<&Json> = match json {
        Json::Array(items) => items.iter().collect(),
        Json::Object(fields) => {
            if is_a(json, "Question") {
                let answer = fields.get("acceptedAnswer").or_else(|| fields.get("suggestedAnswer")).unwrap_or(&Json::Null);
                let answer = if let Json::Array(answers) = answer { answers.first().unwrap_or(&Json::Null) } else { answer };
                let text = |json: &Json, name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
                let read = |html: String| tree::read(&html);
                pairs.extend(pair(words::line(&read(text(json, "name"))), words::markdown(&read(text(answer, "text")).children)));
                return;
            }
            ["@graph", "mainEntity", "hasPart"].into_iter().filter_map(|name| fields.get(name)).collect()
        }
        _ => return,
    };
    if depth > 0 {
        below.into_iter().for_each(|json| questions(json, depth - 1, pairs));
    }
}

fn is_a(json: &Json, kind: &str) -> bool {
    let is_kind = |json: &Json| json.as_str().is_some_and(|it| it.rsplit('/').next() == Some(kind));
    match json.get("@type") {
        Some(Json::Array(kinds)) => kinds.iter().any(is_kind),
        Some(one) => is_kind(one),
        None => false,
    }
}

/// Source: HTML Living Standard §5, with the same properties as JSON-LD.
fn microdata(all: &[&Element]) -> Vec<Pair> {
    let question = |item: &&&Element| item.is_item("Question");
    let read = |item: &&Element| {
        let below = item.all();
        let name = below.iter().find(|it| it.is_property("name"))?;
        let answer = below.iter().find(|it| it.is_property("acceptedAnswer") || it.is_property("suggestedAnswer"))?;
        let text = answer.all().into_iter().find(|it| it.is_property("text")).unwrap_or(answer);
        pair(words::line(name), words::markdown(&text.children))
    };
    all.iter().filter(question).filter_map(read).collect()
}

fn details(all: &[&Element]) -> Vec<Pair> {
    let is_summary = |node: &Node| matches!(node, Node::Element(it) if it.name == "summary");
    let read = |details: &&Element| {
        let summary = details.elements().find(|it| it.name == "summary")?;
        pair(words::line(summary), words::markdown(details.children.iter().filter(|node| !is_summary(node))))
    };
    all.iter().filter(|it| it.name == "details").filter_map(read).collect()
}

fn terms(all: &[&Element]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for list in all.iter().filter(|it| it.name == "dl") {
        let below: Vec<_> = list.all().into_iter().filter(|it| it.name == "dt" || it.name == "dd").collect();
        for both in below.windows(2).filter(|both| both[0].name == "dt" && both[1].name == "dd") {
            pairs.extend(pair(words::line(both[0]), words::markdown(&both[1].children)));
        }
    }
    pairs.retain(|pair| asks(&pair.question));
    pairs
}

/// A heading that asks, and what stands below it up to the next heading; of a page where no heading asks, every heading but the page's own.
fn headings(page: &Element) -> Vec<Pair> {
    let mut found: Vec<(u8, String, Vec<&Node>)> = Vec::new();
    let mut waiting: Vec<&Node> = page.children.iter().rev().collect();
    while let Some(node) = waiting.pop() {
        match node {
            Node::Element(element) if element.is_silent() => {}
            Node::Element(element) if element.level().is_some() => {
                found.push((element.level().unwrap_or_default(), words::line(element), Vec::new()));
            }
            Node::Element(element) if element.all().iter().any(|it| it.level().is_some()) => waiting.extend(element.children.iter().rev()),
            _ => found.last_mut().into_iter().for_each(|(_, _, below)| below.push(node)),
        }
    }
    let any_asks = found.iter().any(|(_, words, _)| asks(words));
    let is_wanted = |level: u8, words: &str| if any_asks { asks(words) } else { level > 1 };
    let read =
        |(level, words, below): (u8, String, Vec<&Node>)| if is_wanted(level, &words) { pair(words, words::markdown(below)) } else { None };
    found.into_iter().filter_map(read).collect()
}

fn asks(words: &str) -> bool {
    words.ends_with('?') || words.starts_with('¿')
}

fn pair(question: String, answer: String) -> Option<Pair> {
    (!question.is_empty() && !answer.is_empty()).then_some(Pair { question, answer })
}

#[cfg(test)]
mod tests;
