//! The words that tell a group of texts from the others, in both languages at once.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::common::is_common;
use crate::words::{Language, fold, stemmed};

/// What part of all words the prior is worth, and how many words at most. Chosen: what a small group says by chance says little, and few texts are not
/// silenced by it.
const PRIOR: (f64, f64) = (0.1, 500.0);
/// From how many deviations on a word tells something. Chosen: words are a name for the group and no claim, and few texts prove nothing; below one
/// deviation a word is as likely anybody's.
const LEAST: f64 = 1.0;
/// From how many texts of a group on a word is the group's. Chosen: one text's own words are nobody else's.
const LEAST_TEXTS: usize = 2;

/// A word that more texts of a group have than of the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// As most texts of the group write it, in lower case.
    pub text: String,
    /// By how many deviations its odds are higher.
    pub weight: f64,
}

/// A language and a folded stem.
type Stem = (Language, String);

/// For each group its most telling words, the most telling first, `most` of them at most. A word counts once in a text; common words, numbers and
/// words of one or two letters do not.
///
/// Source: Monroe, Colaresi & Quinn 2008, §3.4: log-odds with an informative Dirichlet prior, here all texts together.
#[must_use]
pub fn words(texts: &[(&str, Language)], groups: &[&[usize]], most: usize) -> Vec<Vec<Word>> {
    let texts: Vec<BTreeMap<Stem, String>> = texts.iter().map(|(text, language)| of_text(text, *language)).collect();
    let mut all: BTreeMap<&Stem, usize> = BTreeMap::new();
    texts.iter().flat_map(BTreeMap::keys).for_each(|stem| *all.entry(stem).or_default() += 1);
    let total = all.values().sum::<usize>() as f64;
    let worth = (PRIOR.0 * total).min(PRIOR.1);
    let of_group = |group: &&[usize]| {
        let mut spelt: BTreeMap<&Stem, Vec<&str>> = BTreeMap::new();
        for (stem, word) in group.iter().filter_map(|at| texts.get(*at)).flatten() {
            spelt.entry(stem).or_default().push(word);
        }
        let own = spelt.values().map(Vec::len).sum::<usize>() as f64;
        let weighed = spelt.into_iter().filter(|(_, words)| words.len() >= LEAST_TEXTS).map(|(stem, words)| {
            let (here, everywhere) = (words.len() as f64, all.get(stem).copied().unwrap_or_default() as f64);
            let prior = worth * everywhere / total;
            let odds = |count: f64, of: f64| ((count + prior) / (of + worth - count - prior)).ln();
            let elsewhere = everywhere - here;
            let deviation = ((here + prior).recip() + (elsewhere + prior).recip()).sqrt();
            Word { weight: (odds(here, own) - odds(elsewhere, total - own)) / deviation, text: usual(&words) }
        });
        let mut telling: Vec<Word> = weighed.filter(|word| word.weight >= LEAST).collect();
        telling.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
        // The same word in both languages is said once.
        let mut said = std::collections::BTreeSet::new();
        telling.retain(|word| said.insert(word.text.clone()));
        telling.truncate(most);
        telling
    };
    groups.iter().map(of_group).collect()
}

/// The stems of a text, each with a word that has it.
fn of_text(text: &str, language: Language) -> BTreeMap<Stem, String> {
    let mut found = BTreeMap::new();
    for (word, stem) in stemmed(text, language) {
        let folded = fold(&word);
        let says_something = folded.chars().count() > 2 && folded.chars().any(char::is_alphabetic) && !is_common(&folded);
        if says_something {
            found.entry((language, stem)).or_insert(word);
        }
    }
    found
}

/// The commonest spelling; of equals the shortest, then the first of the alphabet.
fn usual(words: &[&str]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    words.iter().for_each(|word| *counts.entry(word).or_default() += 1);
    let best = counts.into_iter().max_by_key(|(word, count)| (*count, Reverse(word.len()), Reverse(*word)));
    best.map_or_else(String::new, |(word, _)| word.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(texts: &[(&str, Language)], groups: &[&[usize]]) -> Vec<Vec<String>> {
        words(texts, groups, 3).into_iter().map(|words| words.into_iter().map(|word| word.text).collect()).collect()
    }

    #[test]
    fn a_group_is_told_by_its_own_words_in_both_languages() {
        use Language::{English, Spanish};
        let mut texts = vec![
            ("The invoices are wrong, the 2022 invoice too", English),
            ("An invoice with a wrong name", English),
            ("No llega la factura", Spanish),
            ("¿Dónde están las facturas?", Spanish),
            ("The app crashes with a photo", English),
            ("It crashed with my photos again", English),
        ];
        texts.extend((0..40).map(|_| ("the order is late and the parcel is wrong", English)));
        let told = told(&texts, &[&[0, 1, 2, 3], &[4, 5], &[]]);
        assert!(told[0].contains(&"invoice".to_owned()) && told[0].contains(&"factura".to_owned()), "{told:?}");
        assert_eq!(told[1].len(), 2, "{told:?}");
        assert!(told[1].iter().all(|word| word.starts_with("crash") || word.starts_with("photo")), "{told:?}");
        assert!(told[2].is_empty() && !told[0].contains(&"wrong".to_owned()), "all have it");
    }

    #[test]
    fn a_weight_is_what_the_formula_gives() {
        // 20 of 20 words here and 0 of 1,980 elsewhere; the prior is worth 200 words, 2 of them this one.
        let many: Vec<(&str, Language)> = (0..2_000).map(|at| (if at < 20 { "kite" } else { "boat" }, Language::English)).collect();
        let group: Vec<usize> = (0..20).collect();
        let found = words(&many, &[&group], 1);
        let (here, elsewhere) = ((22.0_f64 / 198.0).ln(), (2.0_f64 / 2_178.0).ln());
        let expect = (here - elsewhere) / (1.0_f64 / 22.0 + 1.0 / 2.0).sqrt();
        assert!((found[0][0].weight - expect).abs() < 1e-9 && found[0][0].text == "kite", "{found:?} {expect}");
    }

    proptest! {
        #[test]
        fn any_texts_and_groups_have_words(
            texts in prop::collection::vec(".{0,40}", 0..8),
            group in prop::collection::vec(0_usize..10, 0..8),
        ) {
            let texts: Vec<_> = texts.iter().map(|text| (text.as_str(), Language::Spanish)).collect();
            let found = words(&texts, &[&group], 4);
            prop_assert!(found.len() == 1 && found[0].len() <= 4);
            prop_assert!(found[0].iter().all(|word| word.weight.is_finite()));
        }
    }
}
