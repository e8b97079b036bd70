use super::*;

/// Sentences written for this test; after the tag, what must be told.
const SENTENCES: &str = include_str!("../../tests/languages.txt");

#[test]
fn sentences_of_eight_languages_are_told() {
    let mut wrong = Vec::new();
    let mut all = 0;
    for line in SENTENCES.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (tag, sentence) = line.split_once(' ').unwrap();
        let expect = match tag {
            "es" => Detected::Spanish,
            "en" => Detected::English,
            _ => Detected::Other,
        };
        all += 1;
        if block(sentence) != Some(expect) {
            wrong.push(line);
        }
    }
    assert!(all >= 120, "{all}");
    assert!(wrong.len() * 50 <= all, "{} of {all} wrong: {wrong:#?}", wrong.len());
}

#[test]
fn what_is_too_short_is_not_told() {
    for text in ["", "Hotel", "2024 — 15 %", "OK", "https://example.com/a"] {
        assert_eq!(block(text), None, "{text}");
    }
}

#[test]
fn other_scripts_are_other_languages() {
    for text in [
        "Это предложение написано по-русски",
        "この文は日本語で書かれています",
        "هذه الجملة مكتوبة بالعربية",
        "המשפט הזה כתוב בעברית",
        "这句话是用中文写的",
        "이 문장은 한국어입니다",
    ] {
        assert_eq!(block(text), Some(Detected::Other), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,200}") {
        let _ = block(&text);
    }
}
