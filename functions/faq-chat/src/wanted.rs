//! Whether a message asks for writing: to sum up, to compare, to explain in steps, to translate, or for more than one entry has. Everything else is
//! answered by the entry itself, at no cost. Pure; phrases and nothing learnt.

use orilla_knowledge::retrieve::MAX_BYTES;
use orilla_learn::words::{fold, is_word};
use serde::Serialize;

use crate::decide::{Action, Decision};

/// How near the second candidate of a clarification must be to the first for both to be meant, in cosine. Chosen: a third of how far a choice
/// may be behind.
const TOGETHER: f32 = 0.05;
/// How near the first must be at least: below it, nothing is known about either. Chosen: what a question and its entry have in common.
const LEAST_SCORE: f32 = 0.5;
/// Words that a question has at least, to be one of two. Chosen: "¿sí?" is none.
const QUESTION_WORDS: usize = 3;

/// What is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// A summary.
    Summary,
    /// A comparison.
    Comparison,
    /// Steps, or an explanation in simpler words.
    Steps,
    /// The same in another language.
    Translation,
    /// An answer to two questions.
    Several,
    /// An answer from entries that are equally near.
    Span,
}

/// Phrases that ask for it, folded, words parted by one space; a word may begin so where `~` ends it.
#[rustfmt::skip]
const PHRASES: &[(Wanted, &[&str])] = &[
    (Wanted::Translation, &[
        "traduce~", "traducir~", "traducelo", "traduccion de", "en ingles por favor", "en espanol por favor", "pasalo a ingles", "pasalo al ingles", "pasalo a espanol", "pasalo al espanol",
        "translate~", "translation of", "in english please", "in spanish please", "say it in english", "say it in spanish",
    ]),
    (Wanted::Comparison, &[
        "compara~", "comparacion", "comparativa", "diferencia entre", "diferencias entre", "que diferencia hay", "en que se diferencia~", "ventajas y desventajas", "ventajas e inconvenientes",
        "que es mejor", "cual es mejor", "cual me conviene", "que me conviene mas", "pros y contras", "frente a",
        "compare~", "comparison", "difference between", "differences between", "what is the difference", "what s the difference", "differ from", "pros and cons", "which is better", "which one is better",
        "versus", "vs",
    ]),
    (Wanted::Summary, &[
        "resume", "resumeme", "resumelo", "resumir", "resumen", "en resumen", "en pocas palabras", "sintetiza~", "dame una vision general", "a grandes rasgos", "todo lo que debo saber", "todo lo que tengo que saber",
        "summarise~", "summarize~", "summary", "sum up", "in short", "in a nutshell", "tl dr", "tldr", "overview of", "give me an overview", "everything i need to know", "everything i should know",
    ]),
    (Wanted::Steps, &[
        "paso a paso", "paso por paso", "explicame", "explicamelo", "explica~", "en palabras sencillas", "con otras palabras", "mas sencillo", "mas claro", "que pasos", "cuales son los pasos", "guiame",
        "step by step", "explain~", "in simple words", "in plain words", "in other words", "walk me through", "what are the steps", "which steps", "guide me through", "simplify~", "rephrase~",
    ]),
];

/// Words that begin a second question after a conjunction, folded.
#[rustfmt::skip]
const ASKING: [&str; 27] = [
    "que", "como", "cuando", "cuanto", "cuanta", "cuantos", "cuantas", "donde", "cual", "cuales", "quien", "puedo", "podria", "tengo", "hay", "how", "what", "when", "where", "which", "who", "can", "could", "do",
    "does", "is", "are",
];

/// What is to be written, if anything. Only where something was found to write from.
#[must_use]
pub fn wanted(message: &str, decision: &Decision) -> Option<Wanted> {
    let is_found = matches!(decision.action, Action::Answer | Action::Clarify) && !decision.is_lost() && !decision.sources.is_empty();
    if !is_found {
        return None;
    }
    let text = &message[..message.floor_char_boundary(MAX_BYTES)];
    asked(text).or_else(|| is_several(text).then_some(Wanted::Several)).or_else(|| spans(decision).then_some(Wanted::Span))
}

/// What the words ask for.
fn asked(text: &str) -> Option<Wanted> {
    let words = words(text);
    let says = |phrase: &str| {
        let (phrase, is_beginning) = phrase.strip_suffix('~').map_or((phrase, false), |phrase| (phrase, true));
        let parts: Vec<&str> = phrase.split(' ').collect();
        words.windows(parts.len()).any(|window| {
            let (last, before) = window.split_last().zip(parts.split_last()).map_or(("", true), |((word, words), (_, parts))| {
                (word.as_str(), words.iter().map(String::as_str).eq(parts.iter().copied()))
            });
            let wanted = parts.last().copied().unwrap_or_default();
            before && if is_beginning { last.starts_with(wanted) } else { last == wanted }
        })
    };
    PHRASES.iter().find(|(_, phrases)| phrases.iter().any(|phrase| says(phrase))).map(|(wanted, _)| *wanted)
}

fn words(text: &str) -> Vec<String> {
    fold(text).split(|c| !is_word(c)).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether two questions stand in one message: two marks, or a conjunction that begins a second one.
fn is_several(text: &str) -> bool {
    let marked = text.split_inclusive('?').filter(|part| part.ends_with('?') && words(part).len() >= QUESTION_WORDS).count();
    if marked > 1 {
        return true;
    }
    let words = words(text);
    let begins = |at: usize| {
        let joins = words.get(at).is_some_and(|word| matches!(word.as_str(), "y" | "and"));
        // "y además cuánto", "and also how".
        let next = words.get(
            at + 1
                + usize::from(words.get(at + 1).is_some_and(|word| matches!(word.as_str(), "ademas" | "tambien" | "also" | "a" | "por"))),
        );
        joins && next.is_some_and(|word| ASKING.contains(&word.as_str()))
    };
    let first_asks = |at: usize| words[..at].iter().any(|word| ASKING.contains(&word.as_str()));
    (QUESTION_WORDS..words.len().saturating_sub(QUESTION_WORDS)).any(|at| begins(at) && first_asks(at))
}

/// Whether a clarification's first two candidates are about equally near, and near.
fn spans(decision: &Decision) -> bool {
    match (decision.action, decision.sources.as_slice()) {
        (Action::Clarify, [first, second, ..]) => first.score >= LEAST_SCORE && first.score - second.score <= TOGETHER,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use orilla_text::Locale;
    use proptest::prelude::*;

    use super::*;
    use orilla_knowledge::found::Source;

    use crate::decide::Reason;
    use orilla_knowledge::locale::Spoken;

    fn decision(action: Action, scores: &[f32]) -> Decision {
        let source = |score: &f32| Source { id: "a".to_owned(), locale: Locale::Es, passage: 0, score: *score };
        Decision {
            action,
            spoken: Spoken::Es,
            locale: Locale::Es,
            confidence: 0.5,
            sources: scores.iter().map(source).collect(),
            suggestions: Vec::new(),
            smalltalk: None,
            reasons: vec![Reason::NotSure],
        }
    }

    #[track_caller]
    fn check(message: &str, expect: Option<Wanted>) {
        assert_eq!(wanted(message, &decision(Action::Answer, &[0.8])), expect, "{message}");
    }

    #[test]
    fn words_ask_for_writing() {
        check("Resume cómo se paga y se cancela", Some(Wanted::Summary));
        check("hazme un resumen de los precios", Some(Wanted::Summary));
        check("Can you summarise the cancellation rules", Some(Wanted::Summary));
        check("tl;dr of the pricing", Some(Wanted::Summary));
        check("¿Qué diferencia hay entre bono y clase suelta?", Some(Wanted::Comparison));
        check("compárame el plan mensual y el anual", Some(Wanted::Comparison));
        check("monthly vs yearly plan", Some(Wanted::Comparison));
        check("What's the difference between a voucher and a pass", Some(Wanted::Comparison));
        check("explícame paso a paso cómo importar alumnos", Some(Wanted::Steps));
        check("Walk me through the import", Some(Wanted::Steps));
        check("tradúceme esto al inglés", Some(Wanted::Translation));
        check("please translate the waiver", Some(Wanted::Translation));
    }

    #[test]
    fn a_plain_question_is_answered_by_its_entry() {
        for message in [
            "¿Cuánto cuesta al mes?",
            "how do I cancel a class",
            "¿Puedo pagar con tarjeta y en efectivo?",
            "do you take cards and cash",
            "bread and butter",
            "se puede resumir",
            "",
            "???",
            "what is a surf camp and a clinic",
        ] {
            let expect = (message == "se puede resumir").then_some(Wanted::Summary);
            check(message, expect);
        }
    }

    #[test]
    fn two_questions_are_several() {
        check("¿Cuánto cuesta al mes? ¿Y puedo pausar en invierno?", Some(Wanted::Several));
        check("cuánto cuesta al mes y cómo puedo pausar la cuenta", Some(Wanted::Several));
        check("How much is it? Does it work offline?", Some(Wanted::Several));
        check("how much is it a month and also can I pause in winter", Some(Wanted::Several));
        check("¿Sí? ¿Cuánto cuesta al mes?", None);
    }

    #[test]
    fn near_candidates_are_written_from_together() {
        let near = |action, scores: &[f32]| wanted("pagos de la escuela", &decision(action, scores));
        assert_eq!(near(Action::Clarify, &[0.7, 0.68]), Some(Wanted::Span));
        assert_eq!(near(Action::Clarify, &[0.7, 0.6]), None);
        assert_eq!(near(Action::Clarify, &[0.4, 0.39]), None);
        assert_eq!(near(Action::Clarify, &[0.7]), None);
        assert_eq!(near(Action::Answer, &[0.7, 0.69]), None);
    }

    #[test]
    fn where_nothing_was_found_nothing_is_written() {
        for action in [Action::Handoff, Action::Smalltalk] {
            assert_eq!(wanted("compara los planes", &decision(action, &[0.9])), None);
        }
        let lost = Decision { reasons: vec![Reason::NothingNear], ..decision(Action::Clarify, &[0.9, 0.9]) };
        assert_eq!(wanted("compara los planes", &lost), None);
        assert_eq!(wanted("compara los planes", &decision(Action::Answer, &[])), None);
    }

    proptest! {
        #[test]
        fn any_message_is_read(message in any::<String>()) {
            prop_assert!(wanted(&message, &decision(Action::Clarify, &[0.7, 0.7])).is_some());
        }
    }
}
