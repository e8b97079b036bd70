use super::*;

fn spanish(parts: &str) {
    let word = parts.replace('-', "");
    let found: Vec<&str> = split(&word, Language::Spanish).into_iter().map(|range| &word[range]).collect();
    assert_eq!(found.join("-"), parts);
    assert_eq!(count(&word, Language::Spanish), found.len(), "{word}");
}

#[test]
fn open_vowels_part_and_accented_closed_ones_do() {
    for parts in
        ["ca-os", "le-er", "po-e-ta", "ma-íz", "rí-o", "ba-úl", "pa-ís", "ha-bí-a", "o-í-a-mos", "re-ír", "e-gip-cí-a-co", "chi-i-ta"]
    {
        spanish(parts);
    }
}

#[test]
fn other_vowels_hold_together() {
    for parts in
        ["cie-lo", "agua", "cau-sa", "reu-nir", "ciu-dad", "cui-da-do", "huí-a", "cons-truí-a", "ca-suís-ti-ca", "je-sui-ta", "guion"]
    {
        spanish(if parts == "agua" { "a-gua" } else { parts });
    }
    for parts in ["buey", "lim-piáis", "a-ve-ri-guáis", "U-ru-guay", "miau", "ha-blá-bais", "pa-ra-noi-a"] {
        spanish(parts);
    }
}

#[test]
fn an_h_between_vowels_parts_nothing_by_itself() {
    for parts in ["ahu-mar", "prohi-bir", "a-ho-ra", "bú-ho", "al-co-hol", "de-sahu-cio", "a-hue-car", "re-huir", "vi-hue-la", "prohí-be"]
    {
        spanish(if parts == "prohí-be" { "pro-hí-be" } else { parts });
    }
}

#[test]
fn a_silent_u_is_no_vowel_and_a_dotted_one_is() {
    for parts in
        ["que-so", "qui-tar", "gue-rra", "gui-ta-rra", "pin-güi-no", "ver-güen-za", "bi-lin-güe", "quios-co", "quo-rum", "an-ti-guo"]
    {
        spanish(parts);
    }
}

#[test]
fn y_is_a_vowel_at_the_end_only() {
    for parts in ["y", "muy", "rey", "re-yes", "yo", "ma-yo", "le-yen-do", "Pa-ra-guay", "hoy", "a-yu-da"] {
        spanish(parts);
    }
}

#[test]
fn consonants_go_with_the_syllable_they_can_begin() {
    for parts in [
        "ins-truc-ción",
        "cons-ti-tu-ción",
        "a-tle-ta",
        "pe-rro",
        "ca-lle",
        "no-che",
        "abs-trac-to",
        "pers-pi-ca-cia",
        "in-glés",
        "o-bli-gar",
        "ac-ción",
    ] {
        spanish(parts);
    }
}

#[test]
fn foreign_words_are_read_as_they_sound() {
    for parts in ["soft-ware", "mar-ke-ting", "web", "on-line", "show", "ki-wi", "e-mail", "news-let-ter"] {
        spanish(parts);
    }
    assert_eq!(count("e-mail", Language::Spanish), 2);
}

#[test]
fn numbers_and_initials_are_read_aloud() {
    for (word, expect) in [
        ("2024", 6),
        ("15", 2),
        ("100", 1),
        ("1.500", 4),
        ("3,5", 5),
        ("50%", 6),
        ("HTML", 7),
        ("ONU", 2),
        ("IA", 2),
        ("NO", 1),
        ("B2B", 3),
        ("1985", 11),
    ] {
        assert_eq!(count(word, Language::Spanish), expect, "{word}");
    }
    for (word, expect) in [("2024", 6), ("1985", 5), ("HTML", 4), ("NASA", 2), ("50%", 4), ("3.5", 3), ("Mr", 2)] {
        assert_eq!(count(word, Language::English), expect, "{word}");
    }
}

#[test]
fn decomposed_accents_count_as_composed_ones() {
    assert_eq!(count("ri\u{301}o", Language::Spanish), 2);
    assert_eq!(split("ri\u{301}o", Language::Spanish), vec![0..4, 4..5]);
}

#[test]
fn english_words_have_their_syllables() {
    for (word, expect) in [
        ("the", 1),
        ("table", 2),
        ("business", 2),
        ("every", 2),
        ("make", 1),
        ("makes", 1),
        ("changes", 2),
        ("wanted", 2),
        ("played", 1),
        ("nation", 2),
        ("create", 2),
        ("idea", 3),
        ("being", 2),
        ("queue", 1),
        ("rhythm", 2),
        ("don't", 1),
        ("isn't", 2),
        ("beautiful", 3),
        ("really", 2),
        ("people", 2),
        ("area", 3),
        ("science", 2),
        ("million", 2),
        ("special", 2),
        ("quiet", 2),
        ("going", 2),
        ("video", 3),
        ("café", 2),
        ("something", 2),
    ] {
        assert_eq!(count(word, Language::English), expect, "{word}");
    }
}

proptest::proptest! {
    #[test]
    fn syllables_lie_in_their_word(word in "\\PC{0,24}") {
        for language in [Language::Spanish, Language::English] {
            let mut last = 0;
            for range in split(&word, language) {
                proptest::prop_assert!(range.start >= last && range.end > range.start && word.get(range.clone()).is_some(), "{word}");
                last = range.end;
            }
            if word.chars().any(|character| character.is_alphabetic() || character.is_ascii_digit()) {
                proptest::prop_assert!(count(&word, language) >= 1 || !word.chars().any(is_letter));
            }
        }
    }
}
