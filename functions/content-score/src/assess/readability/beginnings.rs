//! Sentences in a row that begin alike.

use orilla_prose::Span;
use orilla_prose::document::Kind;
use orilla_prose::language::Language;

use super::super::{Assessment, Message, Page};
use crate::assessment::Part;
use crate::page::Said;

/// So many in a row are noticed. Source: Yoast's `sentenceBeginnings`, measured.
const IN_A_ROW: usize = 3;

/// Words that begin too many sentences to tell them apart: the next one is looked at as well. Own lists: articles, demonstratives, numbers to ten.
const SPANISH: [&str; 34] = [
    "el", "la", "lo", "los", "las", "un", "una", "unos", "unas", "este", "esta", "esto", "estos", "estas", "ese", "esa", "eso", "esos",
    "esas", "aquel", "aquella", "aquellos", "aquellas", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez",
    "aquello",
];
const ENGLISH: [&str; 17] =
    ["the", "a", "an", "this", "that", "these", "those", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

pub(super) fn assess(page: &Page) -> Assessment {
    let mut runs: Vec<(String, Vec<Span>)> = Vec::new();
    let mut run: (String, Vec<Span>) = Default::default();
    // Items and cells are meant to look alike.
    for said in page.sentences().filter(|said| !matches!(said.block.kind, Kind::ListItem(_) | Kind::Cell)) {
        let beginning = beginning(&said);
        if beginning != run.0 {
            keep(&mut runs, std::mem::replace(&mut run, (beginning, Vec::new())));
        }
        run.1.push(said.span());
    }
    keep(&mut runs, run);
    let longest = runs.iter().map(|(_, spans)| spans.len()).max().unwrap_or_default();
    let message = match runs.iter().max_by_key(|(_, spans)| spans.len()) {
        None => Message::new("Las oraciones seguidas empiezan de maneras distintas.", "Sentences in a row begin in different ways."),
        Some((word, _)) => Message::new(
            format!("{longest} oraciones seguidas empiezan con «{word}»: cambia el comienzo de una."),
            format!("{longest} sentences in a row begin with “{word}”: change how one of them begins."),
        ),
    };
    let score = if runs.is_empty() { 9 } else { 3 };
    Assessment::new("sentenceBeginnings", Part::Readability, score, message)
        .value(runs.len() as f64)
        .at_most(0.0)
        .spans(runs.into_iter().flat_map(|(_, spans)| spans))
}

fn keep(runs: &mut Vec<(String, Vec<Span>)>, run: (String, Vec<Span>)) {
    if run.1.len() >= IN_A_ROW && !run.0.is_empty() {
        runs.push(run);
    }
}

fn beginning(said: &Said) -> String {
    let mut words = said.words().map(str::to_lowercase);
    let Some(first) = words.next() else { return String::new() };
    let is_common = match said.language {
        Language::Spanish => SPANISH.contains(&first.as_str()),
        Language::English => ENGLISH.contains(&first.as_str()),
    };
    match words.next() {
        Some(second) if is_common => format!("{first} {second}"),
        _ => first,
    }
}
