use proptest::prelude::*;

use super::*;

/// Two labels over four buckets, with one ignored word.
fn file() -> Vec<u8> {
    let head = [&b"ORLM"[..], &[1, 2, 1, 5, 4, 2], &1u16.to_le_bytes(), &2f32.to_le_bytes(), b"\x03ham\x04spam\x06please"].concat();
    let numbers = [0.5f32, 0.25, 0.0, 1.0].iter().flat_map(|number| number.to_le_bytes());
    head.into_iter().chain(numbers).chain([127u8, 0x81, 0, 0, 10, 20, 30, 40]).collect()
}

#[test]
fn reads_what_was_written() {
    let file = file();
    let model = LinearModel::parse(&file).unwrap();
    assert_eq!(model.labels(), ["ham", "spam"]);
    for nothing in ["", "PLEASE"] {
        assert_eq!(model.scores(nothing), [0.0, 1.0]);
        let odds = (1.0f32 / 2.0).exp();
        assert!((model.probabilities(nothing)[1] - odds / (1.0 + odds)).abs() < 1e-6);
    }
    assert_eq!(model.best("").0, "spam");
}

#[test]
fn an_explanation_adds_up() {
    let file = file();
    let model = LinearModel::parse(&file).unwrap();
    let text = "una casa con jardín, casa";
    let scores = model.scores(text);
    let beyond = |scores: &[f32], label: usize| scores[label] - (scores[0] + scores[1]) / 2.0;
    let bias = beyond(&model.scores(""), 0);
    let both: Vec<_> = (0..2).map(|label| model.explain(text, label, usize::MAX).unwrap()).collect();
    let [ours, theirs] = [&both[0], &both[1]].map(|found| found.iter().map(|it| it.score).sum::<f32>());
    assert!((ours - theirs + bias - beyond(&scores, 0)).abs() < 1e-3);
    assert!(both[0].windows(2).all(|pair| pair[0].score >= pair[1].score));
    assert_eq!(model.explain(text, 0, 3).unwrap(), both[0][..3]);
    assert_eq!(model.explain(text, 2, 3), Err(Error::Label { label: 2, classes: 2 }));
}

#[test]
fn refuses_malformed_files() {
    let good = file();
    for length in 0..good.len() {
        assert!(LinearModel::parse(&good[..length]).is_err(), "{length} bytes");
    }
    for (at, byte) in
        [(0, b'X'), (4, 2), (5, 3), (5, 0), (5, 255), (6, 0), (7, 0), (8, 8), (9, 0), (9, 3), (10, 2), (15, 0x7f), (15, 0xbf), (17, 0xff)]
    {
        let mut bad = good.clone();
        bad[at] = byte;
        assert!(LinearModel::parse(&bad).is_err(), "{byte} at {at}");
    }
    assert!(LinearModel::parse(&[good, vec![0]].concat()).is_err());
}

proptest! {
    #[test]
    fn no_file_and_no_text_panics(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4), text in any::<String>()) {
        let mut file = file();
        for (at, byte) in edits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok(model) = LinearModel::parse(&file) {
            let probabilities = model.probabilities(&text);
            prop_assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-4);
            prop_assert!(model.explain(&text, 0, 5).is_ok_and(|found| found.len() <= 5));
        }
    }

    #[test]
    fn noise_is_no_file(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(LinearModel::parse(&bytes).is_err() || bytes.starts_with(b"ORLM"));
    }
}
