use std::sync::OnceLock;

use orilla_knowledge::index::build;
use orilla_knowledge::kb::Article;
use orilla_knowledge::model::testing::Words;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn article(id: &str, locale: Locale, question: &str, answer: &str) -> Article {
    Article::from_json(&json!({"id": id, "locale": locale, "question": question, "answer": answer})).unwrap()
}

fn shop() -> &'static Index {
    static SHOP: OnceLock<Index> = OnceLock::new();
    SHOP.get_or_init(|| {
        let long = format!(
            "Intro to washing.\n\n## Tents\n\n{}\n\n## Jackets\n\n{}",
            "Tents go into cold water. ".repeat(20),
            "Jackets go into the machine. ".repeat(20)
        );
        let mut articles = vec![
            article("price", Locale::Es, "¿Cuánto cuesta la tienda?", "La tienda cuesta cien euros."),
            article("price", Locale::En, "How much does the tent cost?", "The tent costs one hundred euros."),
            article("return", Locale::Es, "¿Cómo devuelvo un pedido?", "Devuelve el pedido dentro de treinta días."),
            article("return", Locale::En, "How do I return an order?", "Send the order back within thirty days."),
            article("wash", Locale::En, "How should things be washed?", &long),
        ];
        let words = ["alfa", "bravo", "carbon", "delta", "echo", "foxtrot", "golf", "hotel", "india", "julieta", "kilo", "lima"];
        articles.extend(
            words.iter().map(|it| article(it, Locale::Es, &format!("¿Dónde queda {it}?"), &format!("El sitio {it} queda junto a {it}."))),
        );
        build(&articles, &Words(1), None, 1).unwrap()
    })
}

fn asked(message: &str, page: Locale) -> Decision {
    decide(shop(), &Words(1), message, page).unwrap()
}

#[test]
fn answers_in_the_language_of_the_message() {
    for (message, page, locale) in [
        ("¿Cuánto cuesta la tienda, cien euros?", Locale::En, Locale::Es),
        ("How much does the tent cost, one hundred euros?", Locale::Es, Locale::En),
    ] {
        let decision = asked(message, page);
        assert_eq!((decision.action, decision.locale, decision.sources.len()), (Action::Answer, locale, 1), "{decision:?}");
        assert_eq!((decision.sources[0].id.as_str(), decision.sources[0].locale), ("price", locale));
        assert_eq!(decision.reasons, [Reason::Sure]);
    }
}

#[test]
fn says_where_an_answer_is_in_the_other_language_only() {
    let decision = asked("¿lavar cosas?", Locale::Es);
    let source = decision.sources.first().unwrap_or_else(|| panic!("{decision:?}"));
    assert_eq!((decision.locale, source.id.as_str(), source.locale), (Locale::Es, "wash", Locale::En));
    assert!(decision.reasons.contains(&Reason::OtherLanguage), "{decision:?}");
}

#[test]
fn of_a_long_article_the_part_is_named_that_answers() {
    for (message, passage) in [("how should tents be washed in cold water", 1), ("how should jackets be washed in the machine", 2)] {
        let decision = asked(message, Locale::En);
        assert_eq!(decision.sources.first().map(|it| (it.id.as_str(), it.passage)), Some(("wash", passage)), "{decision:?}");
    }
}

#[test]
fn offers_choices_where_it_is_not_sure_and_says_where_nothing_is_near() {
    let decision = asked("¿Dónde queda alfa o bravo?", Locale::Es);
    assert_eq!(decision.action, Action::Clarify, "{decision:?}");
    let ids: Vec<_> = decision.sources.iter().map(|it| it.id.as_str()).collect();
    assert!(ids.len() >= 2 && ids.contains(&"alfa") && ids.contains(&"bravo"), "{ids:?}");
    let decision = asked("zzz qqq xxx", Locale::Es);
    assert_eq!((decision.action, decision.is_lost(), decision.reasons.last()), (Action::Clarify, true, Some(&Reason::NothingNear)));
}

#[test]
fn people_come_before_articles() {
    let decision = asked("I want to talk to a human about my order", Locale::En);
    assert_ne!(decision.action, Action::Handoff, "more is said than that: {decision:?}");
    let decision = asked("quiero hablar con una persona", Locale::En);
    assert_eq!(
        (decision.action, decision.locale, decision.reasons.as_slice()),
        (Action::Handoff, Locale::Es, &[Reason::AskedForPerson][..])
    );
    assert_eq!(asked("gracias!", Locale::En).action, Action::Smalltalk);
}

#[test]
fn an_empty_site_and_an_empty_message_are_no_errors() {
    let empty = build(&[], &Words(1), None, 0).unwrap();
    let decision = decide(&empty, &Words(1), "¿Cuánto cuesta?", Locale::Es).unwrap();
    assert_eq!((decision.action, decision.reasons.as_slice()), (Action::Clarify, &[Reason::NothingKnown][..]));
    for message in ["", "   ", "🌊🏄", "¿?!…", "\u{0}\u{1}"] {
        let decision = asked(message, Locale::Es);
        assert_eq!((decision.action, decision.reasons.as_slice()), (Action::Clarify, &[Reason::NoWords][..]), "{message:?}");
    }
    let one = build(&[article("price", Locale::Es, "¿Cuánto cuesta la tienda?", "Cien euros.")], &Words(1), None, 0).unwrap();
    let decision = decide(&one, &Words(1), "cuánto cuesta la tienda", Locale::Es).unwrap();
    assert_eq!(decision.sources.first().map(|it| it.id.as_str()), Some("price"));
    assert_eq!(decide(&one, &Words(1), "hallo wie geht das hier", Locale::Es).unwrap().action, Action::Clarify);
}

#[test]
fn a_message_of_a_hundred_kilobytes_is_cut() {
    let decision = asked(&"¿Cuánto cuesta la tienda? ".repeat(4_000), Locale::Es);
    assert!(decision.reasons.contains(&Reason::Cut), "{decision:?}");
}

proptest! {
    #[test]
    fn any_message_has_a_decision(message in any::<String>(), mixed in "[a-zñáéíóú¿?а-яא-ת一-十0-9 \u{200d}\u{fe0f}🌊<>&]{0,200}") {
        for text in [message, mixed] {
            let decision = asked(&text, Locale::Es);
            prop_assert!((0.0..=1.0).contains(&decision.confidence));
            prop_assert!(decision.sources.len() <= MAX_CHOICES && (decision.action == Action::Answer) == decision.reasons.contains(&Reason::Sure));
            prop_assert!(decision.sources.iter().chain(&decision.suggestions).all(|it| !it.id.is_empty() && (0.0..=1.0).contains(&it.score)));
        }
    }
}
