//! The next step: whether the text asks for one, where, and how well.

use orilla_prose::Span;
use orilla_prose::document::Kind;

use super::lighthouse::is_generic;
use super::wording::excerpt;
use super::{Assessment, Message, Page};
use crate::asked;
use crate::assessment::Part;
use crate::page::Leads;

mod verbs;

/// Words of a call that is read at a glance; chosen.
const GLANCE: std::ops::RangeInclusive<usize> = 2..=7;

/// Something to click, or a sentence that asks.
struct Call {
    text: String,
    span: Span,
    /// Whether it looks like a button or is one.
    is_button: bool,
    begins_with_verb: bool,
    is_generic: bool,
}

impl Call {
    /// 0 to 3: a verb first, more than the verb and no more than a glance, the reader's own words or a figure.
    fn strength(&self) -> u32 {
        if self.is_generic {
            return 0;
        }
        let words = self.text.split_whitespace().count();
        let lower = format!(" {} ", self.text.to_lowercase());
        let is_own =
            [" mi ", " mis ", " my ", " gratis", " free", " hoy", " today", " ahora", " now "].iter().any(|word| lower.contains(word));
        u32::from(self.begins_with_verb)
            + u32::from(GLANCE.contains(&words))
            + u32::from(words >= 3 || is_own || lower.chars().any(|character| character.is_ascii_digit()))
    }
}

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    if page.is_blank() {
        return;
    }
    let calls = calls(page);
    let asking = asking(page);
    if calls.is_empty() {
        let (score, message) = if asking.is_some() {
            (
                6,
                Message::new(
                    "El texto pide un paso al lector, pero no hay botón ni enlace para darlo: pon uno.",
                    "The text asks the reader for a step, but there is no button or link to take it: add one.",
                ),
            )
        } else {
            (
                3,
                Message::new(
                    "No hay llamada a la acción: di qué hacer ahora («Pide tu cotización») con un botón o un enlace.",
                    "There is no call to action: say what to do now (“Get your quote”) with a button or a link.",
                ),
            )
        };
        into.push(Assessment::new("callToAction", Part::Persuasion, score, message).value(0.0).at_least(1.0).spans(asking));
        return;
    }
    let number = calls.len();
    let message = Message::new(format!("Llamadas a la acción: {number}."), format!("Calls to action: {number}."));
    into.push(
        Assessment::new("callToAction", Part::Persuasion, 9, message)
            .value(number as f64)
            .at_least(1.0)
            .spans(calls.iter().map(|call| call.span)),
    );
    into.push(position(page, &calls));
    into.extend(strength(&calls));
}

fn calls(page: &Page) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let document = &page.document;
    for (link, leads) in document.links.iter().zip(&page.leads) {
        let is_chrome = link.block.and_then(|block| document.blocks.get(block)).is_some_and(|block| block.kind == Kind::Chrome);
        if is_chrome || (*leads == Leads::Elsewhere && link.href.is_none()) {
            continue;
        }
        let begins_with_verb = verbs::begins(&link.text);
        if link.looks_like_button || begins_with_verb {
            calls.push(Call {
                is_generic: is_generic(&link.text),
                text: link.text.trim().to_owned(),
                span: link.span,
                is_button: link.looks_like_button,
                begins_with_verb,
            });
        }
    }
    for control in document.controls.iter().filter(|control| !control.text.trim().is_empty()) {
        calls.push(Call {
            is_generic: is_generic(&control.text),
            text: control.text.trim().to_owned(),
            span: control.span,
            is_button: true,
            begins_with_verb: verbs::begins(&control.text),
        });
    }
    calls.sort_by_key(|call| call.span.start);
    calls
}

/// A sentence near the end that begins with a verb of doing, for who has nothing to click: an address or a telephone in the text.
fn asking(page: &Page) -> Option<Span> {
    let sentences: Vec<_> = page.sentences().filter(|said| !matches!(said.block.kind, Kind::Heading(_))).collect();
    let from = sentences.len().saturating_sub(4);
    sentences.get(from..)?.iter().rev().find(|said| verbs::begins(said.text())).map(|said| said.span())
}

fn position(page: &Page, calls: &[Call]) -> Assessment {
    let blocks: Vec<_> = page.prose().map(|(_, block, _)| block.span).collect();
    let (start, end) = (blocks.first().map_or(0, |span| span.start), blocks.iter().map(|span| span.end).max().unwrap_or_default());
    let end = calls.last().map_or(end, |call| end.max(call.span.end));
    let third = end.saturating_sub(start) / 3;
    let is_early = calls.iter().any(|call| call.span.start < start + third);
    let is_late = calls.iter().any(|call| call.span.end > end.saturating_sub(third));
    let wants_early = page.asked.kind == asked::Kind::Landing;
    let (score, message) = match (is_early || !wants_early, is_late) {
        (true, true) => (9, Message::new("La llamada a la acción está donde se decide.", "The call to action stands where one decides.")),
        (false, true) => (
            6,
            Message::new(
                "La llamada a la acción llega tarde: pon otra en el primer tercio, para quien ya está decidido.",
                "The call to action comes late: put another in the first third, for those who have decided.",
            ),
        ),
        (_, false) => (
            6,
            Message::new(
                "El texto termina sin llamada a la acción: repítela al final, donde el lector acaba de convencerse.",
                "The text ends without a call to action: repeat it at the end, where the reader has just been convinced.",
            ),
        ),
    };
    Assessment::new("callToActionPosition", Part::Persuasion, score, message).spans(calls.iter().map(|call| call.span))
}

fn strength(calls: &[Call]) -> Option<Assessment> {
    // The main one: of the buttons, else of all, the strongest.
    let best = calls.iter().max_by_key(|call| (call.strength(), call.is_button))?;
    let text = excerpt(&best.text);
    let (score, message) = match best.strength() {
        3 => {
            (9, Message::new(format!("«{text}» dice qué se hace y qué se gana."), format!("“{text}” says what to do and what one gains.")))
        }
        2 => (
            6,
            Message::new(
                format!("«{text}» se entiende; dilo con verbo y con lo que se gana: «Reserva tu prueba gratis»."),
                format!("“{text}” is understood; say it with a verb and what one gains: “Book my free trial”."),
            ),
        ),
        _ => (
            3,
            Message::new(
                format!("«{text}» no dice qué pasa al hacer clic: comienza con un verbo y nombra lo que se recibe."),
                format!("“{text}” does not say what happens on a click: begin with a verb and name what one gets."),
            ),
        ),
    };
    Some(
        Assessment::new("callToActionStrength", Part::Persuasion, score, message)
            .value(f64::from(best.strength()))
            .at_least(3.0)
            .spans([best.span]),
    )
}
