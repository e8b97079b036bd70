//! Spanish syllables, beside a list that was divided by hand.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop there")]

use orilla_prose::Language;
use orilla_prose::syllables;

/// Word, its syllables as they are said, and whether these are the word's own letters (a spelled acronym's are not).
fn list() -> Vec<(&'static str, Vec<&'static str>)> {
    let rows: Vec<_> = include_str!("data/syllables_es.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut cells = line.split('\t');
            let (word, split) = (cells.next().unwrap(), cells.next().unwrap());
            let split: Vec<_> = split.split('-').collect();
            assert_eq!(cells.next().map(str::parse), Some(Ok(split.len())), "{word} is miscounted in the list itself");
            (word, split)
        })
        .collect();
    assert!(rows.len() >= 500, "only {} words", rows.len());
    rows
}

/// Fails if more than so many in a hundred are wrong, and says which.
fn assert_at_most(percent: usize, wrong: &[String], of: usize) {
    assert!(wrong.len() * 100 <= of * percent, "{} of {of} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn counts_as_many_syllables_as_a_person_hears() {
    let list = list();
    let wrong: Vec<_> = list
        .iter()
        .map(|(word, split)| (word, split.len(), syllables::count(word, Language::Spanish)))
        .filter(|(_, expected, counted)| expected != counted)
        .map(|(word, expected, counted)| format!("{word}: {counted}, not {expected}"))
        .collect();
    // Chosen: one in a hundred may be a foreign word that nobody foresaw.
    assert_at_most(1, &wrong, list.len());
}

#[test]
fn counts_them_in_capitals_too() {
    let words: Vec<_> = list().into_iter().filter(|(word, _)| word.chars().any(char::is_lowercase)).collect();
    let count = |word: &str| syllables::count(word, Language::Spanish);
    let wrong: Vec<_> = words
        .iter()
        .filter(|(word, _)| word.chars().count() > 5 && count(&word.to_uppercase()) != count(word))
        .map(|(word, _)| format!("{word}: {} in capitals, else {}", count(&word.to_uppercase()), count(word)))
        .collect();
    assert_at_most(1, &wrong, words.len());
}

#[test]
fn divides_words_where_a_person_does() {
    let words: Vec<_> = list().into_iter().filter(|(word, split)| split.concat() == *word).collect();
    let wrong: Vec<_> = words
        .iter()
        .map(|(word, expected)| {
            (
                expected.join("-"),
                syllables::split(word, Language::Spanish).into_iter().map(|range| &word[range]).collect::<Vec<_>>().join("-"),
            )
        })
        .filter(|(expected, divided)| expected != divided)
        .map(|(expected, divided)| format!("{divided}, not {expected}"))
        .collect();
    // Chosen: whether a prefix is heard (`sub-ra-yar`, `su-bra-yar`) and where foreign words divide is open to more than one answer; the count is not.
    assert_at_most(2, &wrong, words.len());
}
