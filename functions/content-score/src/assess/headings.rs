//! The tree of headings: one above all, none skipped, none empty, none too far from the next.

use orilla_prose::document::Kind;
use orilla_prose::{Span, width};

use super::wording::{counted, excerpt, figure, plural};
use super::{Assessment, Message, Page};
use crate::asked;
use crate::assessment::Part;
use crate::page::is_blank;

/// Pixels of a heading that a title's line holds; chosen, as wide as what results show of a title, and half as much again.
const HEADING_PIXELS: u32 = 900;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    let is_yoast = page.profile.name == "yoast";
    into.push(single(page));
    if page.asked.kind == asked::Kind::Email && !is_yoast {
        return;
    }
    into.push(sections(page));
    into.push(lists(page));
    into.extend(order(page));
    into.extend(empty(page));
    into.extend(long(page));
    into.extend(like_title(page));
}

fn single(page: &Page) -> Assessment {
    let all: Vec<_> = page.headings().filter(|(_, level, _)| *level == 1).collect();
    let (score, message) = if all.len() > 1 {
        (
            1,
            Message::new(
                format!("Hay {} H1: deja uno, el del tema de la página, y baja los otros a H2.", all.len()),
                format!("There are {} H1s: keep one, for what the page is about, and make the others H2.", all.len()),
            ),
        )
    } else {
        (8, Message::new("No hay más de un H1.", "There is no more than one H1."))
    };
    Assessment::new("singleH1", if page.profile.name == "yoast" { Part::Seo } else { Part::Structure }, score, message)
        .value(all.len() as f64)
        .at_most(1.0)
        .spans(all.iter().skip(1).map(|(_, _, block)| block.text.whole()))
}

fn sections(page: &Page) -> Assessment {
    let steps = page.profile.section_words;
    // A section is what stands between two headings: its words, and where it begins and ends.
    let mut found: Vec<(usize, Option<Span>)> = vec![(0, None)];
    let mut headings = 0;
    for (_, block, passage) in page.prose() {
        if matches!(block.kind, Kind::Heading(_)) {
            headings += 1;
            found.push((0, None));
        } else if let Some((words, span)) = found.last_mut() {
            *words += passage.words.len();
            let here = block.text.whole();
            *span = Some(span.map_or(here, |span| Span { start: span.start, end: here.end.max(span.end) }));
        }
    }
    let longest = found.iter().map(|(words, _)| *words).max().unwrap_or_default();
    let most = figure(steps.good).en;
    let long: Vec<_> = found.iter().filter(|(words, _)| *words as f64 > steps.good).collect();
    let (score, message) = if headings == 0 {
        if longest as f64 > page.profile.bare_words {
            (
                2,
                Message::new(
                    format!("El texto tiene {longest} palabras y ningún subtítulo: pon uno cada {most} o antes."),
                    format!("The text has {longest} words and no subheading: put one every {most} or sooner."),
                ),
            )
        } else {
            (9, Message::new("El texto es corto: se lee bien sin subtítulos.", "The text is short: it reads well without subheadings."))
        }
    } else if long.is_empty() {
        (9, Message::new(format!("Ninguna sección pasa de {most} palabras."), format!("No section is longer than {most} words.")))
    } else {
        (
            steps.at_most(longest as f64),
            Message::new(
                format!(
                    "{} de {most} palabras (la más larga, {longest}): divídela con un subtítulo.",
                    counted(long.len(), "sección pasa", "secciones pasan")
                ),
                format!(
                    "{} longer than {most} words (the longest, {longest}): divide it with a subheading.",
                    counted(long.len(), "section is", "sections are")
                ),
            ),
        )
    };
    Assessment::new("subheadingsTooLong", Part::Readability, score, message)
        .value(longest as f64)
        .at_most(steps.good)
        .spans(long.iter().filter_map(|(_, span)| *span))
}

fn lists(page: &Page) -> Assessment {
    let lists = page.document.lists;
    let (score, message) = if lists > 0 {
        (
            9,
            Message::new(
                format!("Hay {}: el texto se recorre bien.", counted(lists, "lista", "listas")),
                format!("There {} {}: the text is easy to scan.", plural(lists, "is", "are"), counted(lists, "list", "lists")),
            ),
        )
    } else {
        (
            3,
            Message::new(
                "No hay listas: pon en una los pasos, ventajas o requisitos que hoy van en fila.",
                "There are no lists: put steps, advantages or requirements that now stand in a row into one.",
            ),
        )
    };
    Assessment::new("listsPresence", Part::Structure, score, message).value(lists as f64).at_least(1.0)
}

fn order(page: &Page) -> Option<Assessment> {
    let mut last = None;
    let mut skipped = Vec::new();
    let mut number = 0;
    for (_, level, block) in page.headings() {
        number += 1;
        if last.is_some_and(|last| level > last + 1) {
            skipped.push((last.unwrap_or_default(), level, block));
        }
        last = Some(level);
    }
    if number < 2 {
        return None;
    }
    let (score, message) = match skipped.first() {
        None => (9, Message::new("Los niveles de los títulos van en orden.", "The levels of the headings are in order.")),
        Some((from, to, block)) => {
            let text = excerpt(block.text.as_str());
            (
                if skipped.len() == 1 { 6 } else { 3 },
                Message::new(
                    format!(
                        "«{text}» salta de H{from} a H{to}: hazlo H{}. {} así.",
                        from + 1,
                        counted(skipped.len(), "título está", "títulos están")
                    ),
                    format!(
                        "“{text}” jumps from H{from} to H{to}: make it H{}. {} like that.",
                        from + 1,
                        counted(skipped.len(), "heading is", "headings are")
                    ),
                ),
            )
        }
    };
    Some(
        Assessment::new("headingOrder", Part::Structure, score, message)
            .value(skipped.len() as f64)
            .at_most(0.0)
            .spans(skipped.iter().map(|(_, _, block)| block.text.whole())),
    )
}

fn empty(page: &Page) -> Option<Assessment> {
    let empty: Vec<_> = page.headings().filter(|(_, _, block)| is_blank(block.text.as_str())).collect();
    (!empty.is_empty()).then(|| {
        Assessment::new(
            "emptyHeadings",
            Part::Structure,
            3,
            Message::new(
                format!("{} sin texto: escríbelo o quita la etiqueta.", counted(empty.len(), "título está", "títulos están")),
                format!("{} no text: write it or take the tag away.", counted(empty.len(), "heading has", "headings have")),
            ),
        )
        .value(empty.len() as f64)
        .at_most(0.0)
        .spans(empty.iter().map(|(_, _, block)| block.span))
    })
}

fn long(page: &Page) -> Option<Assessment> {
    let long: Vec<_> = page.headings().filter(|(_, _, block)| width::pixels(block.text.as_str()) > HEADING_PIXELS).collect();
    let (_, _, first) = long.first()?;
    let text = excerpt(first.text.as_str());
    Some(
        Assessment::new(
            "headingLength",
            Part::Structure,
            if long.len() == 1 { 6 } else { 3 },
            Message::new(
                format!(
                    "{} demasiado para leerse de un vistazo, como «{text}»: deja en cada uno lo esencial.",
                    counted(long.len(), "título dice", "títulos dicen")
                ),
                format!(
                    "{} too much to be read at a glance, like “{text}”: leave the essence in each.",
                    counted(long.len(), "heading says", "headings say")
                ),
            ),
        )
        .value(long.len() as f64)
        .at_most(0.0)
        .spans(long.iter().map(|(_, _, block)| block.text.whole())),
    )
}

/// Whether who comes by the title finds what it promised: its first heading shares a word with it that carries a meaning.
fn like_title(page: &Page) -> Option<Assessment> {
    let language = page.language?;
    let title = page.title.as_ref()?.as_str();
    let (_, _, first) = page.headings().find(|(_, level, block)| *level <= 2 && !is_blank(block.text.as_str()))?;
    let stems = |text: &str| -> std::collections::HashSet<String> {
        let words = orilla_prose::words::words(text).filter_map(|word| text.get(word));
        words
            .filter(|word| !orilla_prose::function_words::is(word, language))
            .map(|word| orilla_prose::stem::stem(word, language))
            .collect()
    };
    let shared = stems(title).intersection(&stems(first.text.as_str())).count();
    let heading = excerpt(first.text.as_str());
    let (score, message) = if shared > 0 {
        (
            9,
            Message::new(
                "El primer título cumple lo que dice el título de la página.",
                "The first heading keeps what the page's title promises.",
            ),
        )
    } else {
        (
            6,
            Message::new(
                format!("«{heading}» no comparte palabras con el título «{}»: quien llega debe ver que es lo que buscaba.", excerpt(title)),
                format!(
                    "“{heading}” shares no word with the title “{}”: who arrives should see that it is what they were after.",
                    excerpt(title)
                ),
            ),
        )
    };
    Some(
        Assessment::new("headingMatchesTitle", Part::Structure, score, message)
            .value(shared as f64)
            .at_least(1.0)
            .spans([first.text.whole()]),
    )
}
