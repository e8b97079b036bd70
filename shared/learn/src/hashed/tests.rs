use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Fixture {
    /// Text, recipe, how many features, the hash of their sorted buckets, the highest value.
    features: Vec<(String, usize, usize, u32, f32)>,
}

fn recipe(bits: u8, shortest: u8, longest: u8) -> Recipe {
    Recipe::new(bits, shortest, longest).unwrap()
}

fn seen(recipe: &Recipe, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    recipe.each(text, |feature| found.push(feature.text.to_owned()));
    found
}

#[test]
fn makes_the_features_that_training_makes() {
    let recipes = [
        Recipe { accents: true, symbols: true, ..recipe(14, 1, 5) },
        Recipe { symbols: true, ..recipe(15, 2, 5) },
        Recipe { ignored: ["please", "por", "favor"].map(str::to_owned).into(), ..recipe(16, 2, 4) },
        Recipe { words: false, ..recipe(20, 3, 3) },
    ];
    let fixture: Fixture = serde_json::from_str(include_str!("../../fixtures/words.json")).unwrap();
    assert!(fixture.features.len() >= 300);
    for (text, which, count, digest, highest) in fixture.features {
        let mut buckets = Vec::new();
        recipes[which].each(&text, |feature| buckets.push(feature.bucket));
        buckets.sort_unstable();
        let bytes: Vec<u8> = buckets.iter().flat_map(|bucket| bucket.to_le_bytes()).collect();
        let context = || format!("{text:?} {:?}", seen(&recipes[which], &text));
        assert_eq!((buckets.len(), fnv(OFFSET, &bytes)), (count, digest), "{}", context());
        let found = recipes[which].features(&text).entries().iter().map(|entry| entry.1).fold(0.0, f32::max);
        assert!((found - highest).abs() < 1e-5, "{found} is not {highest}: {}", context());
    }
}

#[test]
fn takes_ngrams_words_and_pairs() {
    assert_eq!(seen(&recipe(16, 2, 3), "Sí, 5"), [" s", " si", "si", "si ", "i ", "si", " 0", " 0 ", "0 ", "0", "si 0"]);
    assert_eq!(seen(&Recipe { words: false, symbols: true, ..recipe(16, 1, 1) }, "a!!"), ["a", "!", "!"]);
    assert_eq!(seen(&recipe(16, 8, 8), "see http://x.y/z or a.b@c.org"), ["see", LINK, "see ‹link›", "or", "‹link› or", MAIL, "or ‹mail›"]);
    assert_eq!(seen(&Recipe { ignored: vec!["por".into()], ..recipe(16, 8, 8) }, "POR aquí"), ["aqui"]);
}

#[test]
fn tells_links_and_addresses_from_words() {
    for (chunk, link, mail) in [
        ("foo.com", true, false),
        ("(a.b-c.shop/x).", true, false),
        ("www.x", true, false),
        ("end.then", false, false),
        ("a..com", false, false),
        (".com", false, false),
        ("a@b.c", false, true),
        ("@b.c", false, false),
        ("a@b.", false, false),
    ] {
        assert_eq!((is_link(chunk), is_mail(chunk)), (link, mail), "{chunk}");
    }
}

#[test]
fn refuses_recipes_that_cannot_be() {
    for (bits, shortest, longest) in [(0, 1, 1), (21, 1, 1), (16, 0, 1), (16, 3, 2), (16, 1, 9)] {
        assert!(matches!(Recipe::new(bits, shortest, longest), Err(Error::Range(_))));
    }
}

proptest! {
    #[test]
    fn any_text_has_features_of_norm_one_or_none(text in any::<String>(), bits in 1u8..=20, accents: bool, symbols: bool, words: bool) {
        let recipe = Recipe { accents, symbols, words, ..recipe(bits, 1, 5) };
        let features = recipe.features(&text);
        prop_assert!(features.entries().iter().all(|&(bucket, value)| (bucket as usize) < recipe.width() && value > 0.0));
        prop_assert!(features.entries().is_empty() || (features.norm() - 1.0).abs() < 1e-4);
    }
}
