//! Whatever is written, nothing panics, and every range lies in its text.

use orilla_prose::phrase::{Forms, Phrase};
use orilla_prose::{Language, complex, detect, diversity, formulas, passive, sentences, stem, syllables, transitions, words};
use proptest::prelude::*;

/// Words, marks and breaks as texts have them, in any order, and what nobody expects.
fn text() -> impl Strategy<Value = String> {
    let common = prop::sample::select(vec![
        "fue",
        "escrito",
        "sin",
        "embargo",
        "el",
        "Sr.",
        "EE.",
        "UU.",
        "etc.",
        "3.5",
        "¿",
        "?",
        "¡",
        "!",
        "...",
        "…",
        ".",
        ",",
        "\n\n",
        "\n",
        "—",
        "«",
        "»",
        "was",
        "seen",
        "however",
        "Mr.",
        "no",
        "solo",
        "sino",
        "either",
        "or",
        "1.",
        "J.",
        "https://a.es/b?c=1",
        "d'or",
        "'",
        "’",
        "ñ",
        "i\u{301}",
        "😀",
        "ﬁ",
        "İ",
        "ß",
    ]);
    let part = prop_oneof![4 => common.prop_map(str::to_owned), 1 => "\\PC{0,6}"];
    prop::collection::vec((part, prop::sample::select(vec![" ", "", "\u{a0}"])), 0..40)
        .prop_map(|parts| parts.into_iter().map(|(part, space)| part + space).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn ranges_lie_in_their_text(text in text(), keyphrase in "[a-zñ\" ]{0,16}") {
        let mut last = 0;
        for range in words::words(&text) {
            prop_assert!(range.start >= last && range.end > range.start && text.get(range.clone()).is_some());
            last = range.end;
        }
        for language in [Language::Spanish, Language::English] {
            let found = sentences::sentences(&text, language);
            let mut last = 0;
            let mut in_sentences = 0;
            for range in found {
                prop_assert!(range.start >= last && text.get(range.clone()).is_some());
                last = range.end;
                let sentence = &text[range];
                let count = words::count(sentence);
                prop_assert!(count > 0);
                in_sentences += count;
                for part in [transitions::find(sentence, language), passive::find(sentence, language)].into_iter().flatten() {
                    prop_assert!(sentence.get(part).is_some_and(|part| !part.is_empty()));
                }
            }
            prop_assert_eq!(in_sentences, words::count(&text), "every word is in one sentence");
            for range in words::words(&text) {
                let word = &text[range];
                let _ = (complex::is(word, language), stem::stem(word, language), syllables::count(word, language));
            }
            let phrase = Phrase::new(&keyphrase, std::slice::from_ref(&text), language);
            for found in phrase.occurrences(&text, Forms::Stems) {
                prop_assert!(text.get(found).is_some());
            }
            let counts = formulas::counts(&text, language);
            for value in [formulas::fernandez_huerta(counts), formulas::szigriszt_pazos(counts), formulas::smog(counts), formulas::ari(counts)] {
                prop_assert!(value.is_finite());
            }
            prop_assert!(diversity::rhythm(&text, language).is_none_or(|value| value >= 0.0));
        }
        prop_assert!(diversity::mattr(&text).is_none_or(|value| value > 0.0 && value <= 1.0));
        let _ = detect::block(&text);
    }
}

/// A text of one kind of mark must not take time by the square of its length.
#[test]
fn strange_texts_are_read_in_linear_time() {
    for part in ["a", ".", "a. ", "\"", "¿", "...", "\n\n", "J. ", "- ", "no solo ", "either ", "ni x "] {
        let text = part.repeat(30_000);
        assert!(sentences::sentences(&text, Language::Spanish).len() <= text.len());
        let _ = (transitions::find(&text, Language::English), passive::find(&text, Language::Spanish));
        assert!(Phrase::new("a", &[], Language::English).occurrences(&text, Forms::Exact).len() <= text.len());
        let _ = (words::count(&text), detect::block(&text), diversity::mattr(&text));
    }
}
