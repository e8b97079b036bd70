use proptest::prelude::*;

use super::*;
use crate::heads::{Examples, Head, Logistic};

const TRUST: Trust = Trust { vectors: 5.0, words: 10.0, is_balanced: false };

/// Texts of three classes: a vector that tells the first from the others, and a word that tells the second from the third.
fn lesson(count: usize) -> (Matrix, Vec<Sparse>, Vec<usize>) {
    let labels: Vec<usize> = (0..count).map(|i| i % 3).collect();
    let noise = |i: usize| ((i * 37) % 11) as f32 / 50.0;
    let vectors: Vec<_> = labels.iter().enumerate().map(|(i, label)| if *label == 0 { [1.0, noise(i)] } else { [noise(i), 1.0] }).collect();
    let words = labels.iter().enumerate().map(|(i, label)| Sparse::new(vec![(*label as u32 * 7 + 3, 0.9), (90 + i as u32 % 5, 0.4)]));
    (Matrix::from_rows(&vectors).unwrap(), words.collect(), labels)
}

fn learn(count: usize, trust: Trust) -> TwoViews {
    let (vectors, words, labels) = lesson(count);
    TwoViews::learn(&Lesson { vectors: &vectors, words: &words, labels: &labels, classes: 3, before: None }, trust).unwrap()
}

fn best(scores: &[f32]) -> usize {
    (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap()
}

#[test]
fn both_views_tell_what_neither_tells_alone() {
    let head = learn(60, TRUST);
    let (vectors, words, labels) = lesson(60);
    for (i, label) in labels.iter().enumerate() {
        assert_eq!(best(&head.scores(vectors.row(i), &words[i], None).unwrap()), *label, "{i}");
    }
    assert_eq!(best(&head.scores(&[0.0, 1.0], &Sparse::new(vec![(10, 1.0)]), None).unwrap()), 1);
    assert!(head.weight(10, 1) > 0.5 && head.weight(10, 2) < 0.0 && head.weight(4_000, 1) == 0.0);
}

/// The regression of vectors is the one that scikit-learn's fixture holds.
#[test]
fn the_view_of_vectors_is_the_logistic_head() {
    let (vectors, _, labels) = lesson(60);
    let alone = Logistic::new(&Examples::new(vectors, labels).unwrap(), TRUST.vectors).unwrap();
    let [of_vector, _] = learn(60, TRUST).views(&[0.3, 0.8], &Sparse::default());
    let expected = alone.scores(&[0.3, 0.8]).unwrap();
    assert!(of_vector.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-2), "{of_vector:?} {expected:?}");
}

/// Sparse rows written out are dense ones, so both have one solution, in another layout.
#[test]
fn the_view_of_words_is_the_logistic_head_of_the_same_numbers() {
    let (_, words, labels) = lesson(60);
    let wide = |words: &Sparse| {
        let mut row = vec![0.0; 100];
        words.entries().iter().for_each(|(at, value)| row[*at as usize] = *value);
        row
    };
    let rows: Vec<_> = words.iter().map(wide).collect();
    let alone = Logistic::new(&Examples::new(Matrix::from_rows(&rows).unwrap(), labels).unwrap(), TRUST.words).unwrap();
    let asked = Sparse::new(vec![(10, 0.7), (91, 0.2)]);
    let [_, of_words] = learn(60, TRUST).views(&[0.0, 0.0], &asked);
    let expected = alone.scores(&wide(&asked)).unwrap();
    assert!(of_words.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 0.05), "within a step of 127: {of_words:?} {expected:?}");
}

#[test]
fn what_was_known_before_holds_where_examples_say_nothing() {
    let (vectors, words, labels) = lesson(30);
    let before = Matrix::from_rows(&labels.iter().map(|_| [0.0, 0.0, 3.0]).collect::<Vec<_>>()).unwrap();
    let lesson = Lesson { vectors: &vectors, words: &words, labels: &labels, classes: 3, before: Some(&before) };
    let head = TwoViews::learn(&lesson, TRUST).unwrap();
    assert_eq!(best(&head.scores(vectors.row(1), &words[1], Some(&[0.0, 0.0, 3.0])).unwrap()), 1, "examples speak against it");
    let strange = Sparse::new(vec![(77, 1.0)]);
    assert_eq!(best(&head.scores(&[0.0, 0.0], &strange, Some(&[9.0, 0.0, 0.0])).unwrap()), 0);
    assert!(head.scores(&[0.0, 0.0], &strange, Some(&[9.0])).is_err());
}

#[test]
fn a_rare_class_counts_as_much_where_it_is_asked_for() {
    let labels = [vec![0; 40], vec![1; 4]].concat();
    let vectors = Matrix::from_rows(&labels.iter().map(|_| [0.5, 0.5]).collect::<Vec<_>>()).unwrap();
    let words: Vec<_> = labels.iter().map(|_| Sparse::new(vec![(1, 1.0)])).collect();
    let lesson = Lesson { vectors: &vectors, words: &words, labels: &labels, classes: 2, before: None };
    let views = |is_balanced| TwoViews::learn(&lesson, Trust { is_balanced, ..TRUST }).unwrap().views(&[0.5, 0.5], &words[0]);
    let [plain, _] = views(false);
    let [even, _] = views(true);
    assert!(plain[0] - plain[1] > 1.0 && (even[0] - even[1]).abs() < 1e-3, "{plain:?} {even:?}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let (vectors, words, labels) = lesson(9);
    let of = |labels: &[usize], words: &[Sparse], classes| {
        TwoViews::learn(&Lesson { vectors: &vectors, words, labels, classes, before: None }, TRUST).map(|_| ())
    };
    assert_eq!(of(&labels[..8], &words, 3), Err(Error::Dimension { expected: 8, found: 9 }));
    assert_eq!(of(&labels, &words, 2), Err(Error::Label { label: 2, classes: 2 }));
    assert_eq!(of(&[0; 9], &words, 1), Err(Error::TooFew));
    let none = Matrix::new(0, 2, vec![]).unwrap();
    let empty = Lesson { vectors: &none, words: &[], labels: &[], classes: 2, before: None };
    assert_eq!(TwoViews::learn(&empty, TRUST).map(|_| ()), Err(Error::TooFew));
}

#[test]
fn a_head_comes_back_from_its_bytes() {
    let head = learn(60, TRUST);
    let bytes = head.to_bytes().unwrap();
    let read = TwoViews::parse(&bytes).unwrap();
    let words = Sparse::new(vec![(3, 0.4), (10, 0.7)]);
    let (a, b) = (head.scores(&[0.1, 0.9], &words, None).unwrap(), read.scores(&[0.1, 0.9], &words, None).unwrap());
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4), "factors are halved to floats: {a:?} {b:?}");
    assert_eq!(read.to_bytes().unwrap(), bytes);
    for end in 0..bytes.len() {
        assert!(TwoViews::parse(&bytes[..end]).is_err(), "{end}");
    }
    assert!(TwoViews::parse(&[&bytes[..], &[0]].concat()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damaged_bytes_are_refused_or_read(at in 0_usize..400, byte in any::<u8>()) {
        let mut bytes = learn(12, TRUST).to_bytes().unwrap();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(head) = TwoViews::parse(&bytes) {
            let vector = vec![0.1; head.dimensions()];
            let _ = head.scores(&vector, &Sparse::new(vec![(3, 1.0)]), None);
        }
    }
}
