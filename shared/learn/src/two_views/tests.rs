use proptest::prelude::*;

use super::*;

/// Texts of three classes: a vector that tells the first from the others, and a word that tells the second from the third.
struct Texts {
    landmarks: Landmarks,
    near: Matrix,
    words: Vec<Sparse>,
    labels: Vec<usize>,
}

fn texts(count: usize) -> Texts {
    let labels: Vec<usize> = (0..count).map(|i| i % 3).collect();
    let noise = |i: usize| ((i * 37) % 11) as f32 / 50.0;
    let vectors: Vec<_> = labels.iter().enumerate().map(|(i, label)| if *label == 0 { [1.0, noise(i)] } else { [noise(i), 1.0] }).collect();
    let words = labels.iter().enumerate().map(|(i, label)| Sparse::new(vec![(*label as u32 * 7 + 3, 0.9), (90 + i as u32 % 5, 0.4)]));
    let vectors = Matrix::from_rows(&vectors).unwrap();
    let landmarks = Landmarks::choose(&vectors, 8).unwrap();
    let near = Matrix::from_rows(&vectors.iter().map(|vector| landmarks.near(vector).unwrap()).collect::<Vec<_>>()).unwrap();
    Texts { landmarks, near, words: words.collect(), labels }
}

impl Texts {
    fn solved(&self) -> Solved {
        Solved::new(&self.landmarks, self.near.clone(), &self.words).unwrap()
    }

    fn learnt(&self) -> TwoViews {
        self.solved().head(&self.labels, 3, None).unwrap()
    }

    fn told(&self, head: &TwoViews, vector: &[f32], words: &Sparse) -> Vec<f32> {
        head.told(&self.landmarks.near(vector).unwrap(), words).unwrap()
    }
}

fn best<T: PartialOrd + Copy>(scores: &[T]) -> usize {
    (0..scores.len()).max_by(|a, b| scores[*a].partial_cmp(&scores[*b]).unwrap()).unwrap()
}

#[test]
fn both_views_tell_what_neither_tells_alone() {
    let texts = texts(60);
    let head = texts.learnt();
    for (i, label) in texts.labels.iter().enumerate() {
        assert_eq!(best(&head.told(texts.near.row(i), &texts.words[i]).unwrap()), *label, "{i}");
    }
    assert_eq!(best(&texts.told(&head, &[0.0, 1.0], &Sparse::new(vec![(10, 1.0)]))), 1);
    assert!(head.weight(10, 1) > 0.5 && head.weight(10, 2) < 0.0 && head.weight(4_000, 1) == 0.0);
}

/// With every example a landmark it is the plain solution, (K + 0.3 I)⁻¹ Y, but for what is added to the landmarks.
#[test]
fn written_down_it_is_the_regression_over_the_examples() {
    let vectors = Matrix::from_rows(&[[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8], [-1.0, 0.1]]).unwrap();
    let labels = vec![0, 0, 1, 1, 2];
    let landmarks = Landmarks::choose(&vectors, 5).unwrap();
    let near: Vec<_> = vectors.iter().map(|vector| landmarks.near(vector).unwrap()).collect();
    let nothing = vec![Sparse::default(); 5];
    let solved = Solved::new(&landmarks, Matrix::from_rows(&near).unwrap(), &nothing).unwrap();
    let head = solved.head(&labels, 3, None).unwrap();
    let nearness = |a: &[f32], b: &[f32]| {
        let norm = |v: &[f32]| v.iter().map(|it| it * it).sum::<f32>().sqrt();
        f64::from((3.0 * (dot(a, b) / norm(a) / norm(b) - 1.0)).exp())
    };
    let system = Triangle::from_rows(5, |i, row| {
        row.iter_mut().enumerate().for_each(|(j, value)| *value = nearness(vectors.row(i), vectors.row(j)));
        row[i] += RIDGE;
    });
    let mut weights = vec![0.0; 15];
    labels.iter().enumerate().for_each(|(i, label)| weights[i * 3 + label] = 1.0);
    Cholesky::factor(system.unwrap()).unwrap().solve(&mut weights, 3).unwrap();
    let asked = [0.4, 0.9];
    let found = head.told(&landmarks.near(&asked).unwrap(), &Sparse::default()).unwrap();
    for class in 0..3 {
        let plain: f64 = (0..5).map(|i| weights[i * 3 + class] * nearness(vectors.row(i), &asked)).sum();
        assert!((f64::from(found[class]) - plain).abs() < 0.02, "{class}: {} {plain}", found[class]);
    }
}

#[test]
fn a_surer_lesson_makes_surer_probabilities() {
    let clear = texts(60);
    let mut muddled = texts(60);
    muddled.labels.iter_mut().step_by(4).for_each(|label| *label = (*label + 1) % 3);
    let sure = |texts: &Texts| {
        let head = texts.learnt();
        let told = head.told(texts.near.row(2), &texts.words[2]).unwrap();
        mix::probabilities(head.logits(&told, None).unwrap())[2]
    };
    assert!(sure(&clear) > 0.9 && sure(&muddled) < 0.85, "{} {}", sure(&clear), sure(&muddled));
}

#[test]
fn what_was_known_before_holds_where_examples_say_nothing() {
    let texts = texts(30);
    let before = Matrix::from_rows(&texts.labels.iter().map(|_| [0.0, 0.0, 0.4]).collect::<Vec<_>>()).unwrap();
    let head = texts.solved().head(&texts.labels, 3, Some(&before)).unwrap();
    let told = head.told(texts.near.row(1), &texts.words[1]).unwrap();
    assert_eq!(best(&head.logits(&told, Some(&[0.0, 0.0, 0.4])).unwrap()), 1, "examples speak against it");
    let strange = texts.told(&head, &[0.5, -0.5], &Sparse::new(vec![(77, 1.0)]));
    assert_eq!(best(&head.logits(&strange, Some(&[2.0, 0.0, 0.0])).unwrap()), 0);
    assert!(head.logits(&strange, Some(&[9.0])).is_err());
}

#[test]
fn what_does_not_fit_is_refused() {
    let texts = texts(9);
    let solved = texts.solved();
    let of = |labels: &[usize], classes| solved.head(labels, classes, None).map(|_| ());
    assert_eq!(of(&texts.labels[..8], 3), Err(Error::Dimension { expected: 9, found: 8 }));
    assert_eq!(of(&texts.labels, 2), Err(Error::Label { label: 2, classes: 2 }));
    assert_eq!(of(&[0; 9], 1), Err(Error::TooFew));
    let none = Matrix::new(0, 8, vec![]).unwrap();
    assert_eq!(Solved::new(&texts.landmarks, none.clone(), &[]).map(|_| ()), Err(Error::TooFew));
    assert_eq!(Solved::new(&texts.landmarks, none, &texts.words).map(|_| ()), Err(Error::Dimension { expected: 9, found: 0 }));
}

#[test]
fn a_head_comes_back_from_its_bytes() {
    let texts = texts(60);
    let head = texts.learnt();
    let bytes = head.to_bytes().unwrap();
    let read = TwoViews::parse(&bytes).unwrap();
    let words = Sparse::new(vec![(3, 0.4), (10, 0.7)]);
    let [a, b] = [&head, &read].map(|head| head.logits(&texts.told(head, &[0.1, 0.9], &words), None).unwrap());
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
        let mut bytes = texts(12).learnt().to_bytes().unwrap();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(head) = TwoViews::parse(&bytes) {
            let _ = head.told(&vec![0.1; head.landmarks()], &Sparse::new(vec![(3, 1.0)]));
        }
    }

    /// Source: the definition of leaving one out.
    #[test]
    fn left_out_in_closed_form_is_learnt_without(out in 0_usize..15) {
        let all = texts(15);
        let solved = all.solved();
        let mut weights = vec![0.0; 15 * 3];
        all.labels.iter().enumerate().for_each(|(i, label)| weights[i * 3 + label] = 1.0);
        solved.system.solve(&mut weights, 3).unwrap();
        let keep = |i: &usize| *i != out;
        let words: Vec<_> = (0..15).filter(keep).map(|i| all.words[i].clone()).collect();
        let near: Vec<_> = (0..15).filter(keep).map(|i| all.near.row(i)).collect();
        let labels: Vec<_> = (0..15).filter(keep).map(|i| all.labels[i]).collect();
        let head = Solved::new(&all.landmarks, Matrix::from_rows(&near).unwrap(), &words).unwrap().head(&labels, 3, None).unwrap();
        let told = head.told(all.near.row(out), &all.words[out]).unwrap();
        for class in 0..3 {
            let truth = f64::from(u8::from(all.labels[out] == class));
            let left_out = truth - weights[out * 3 + class] / solved.diagonal[out];
            prop_assert!((left_out - f64::from(told[class])).abs() < 0.02, "{left_out} {}", told[class]);
        }
    }
}
