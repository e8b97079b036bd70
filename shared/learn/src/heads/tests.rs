use proptest::prelude::*;

use super::*;
use crate::abstain::Scope;
use crate::calibrate::Temperature;
use crate::sparse::Sparse;
use crate::testing::{assert_near, fixture};

type Rows = Vec<Vec<f32>>;

fn examples() -> Examples {
    Examples::new(Matrix::from_rows(&fixture::<Rows>("/examples")).unwrap(), fixture("/labels")).unwrap()
}

fn view(pointer: &str) -> Vec<Sparse> {
    fixture::<Vec<Vec<(u32, f32)>>>(pointer).into_iter().map(Sparse::new).collect()
}

fn scores(head: &impl Head) -> Rows {
    fixture::<Rows>("/queries").iter().map(|query| head.scores(query).unwrap()).collect()
}

fn probabilities(head: &impl Head) -> Rows {
    scores(head).iter().map(|scores| Temperature::ONE.probabilities(scores)).collect()
}

#[test]
fn ridge_is_numpys() {
    let head = KernelRidge::new(examples()).unwrap();
    assert_near(&scores(&head), &fixture::<Rows>("/ridge/scores"), 1e-5);
    let left: Vec<_> = head.leave_one_out().iter().collect();
    assert_near(&left, &fixture::<Rows>("/ridge/leave_one_out"), 1e-5);
}

#[test]
fn ridge_with_a_second_view_is_numpys() {
    let head = KernelRidge::fused(examples(), &view("/view")).unwrap();
    let asked = fixture::<Rows>("/queries").into_iter().zip(view("/query_view"));
    let found: Vec<_> = asked.map(|(query, view)| head.scores_fused(&query, &view).unwrap()).collect();
    assert_near(&found, &fixture::<Rows>("/fused/scores"), 1e-4);
    let left: Vec<_> = head.leave_one_out().iter().collect();
    assert_near(&left, &fixture::<Rows>("/fused/leave_one_out"), 1e-4);
}

/// Where every example is a landmark, the normal equations have the solution of the one system.
#[test]
fn landmarks_that_are_all_examples_are_ridge() {
    let asked = || fixture::<Rows>("/queries").into_iter().zip(view("/query_view"));
    let head = LandmarkRidge::new(examples(), &[], 40).unwrap();
    assert_near(&scores(&head), &fixture::<Rows>("/ridge/scores"), 1e-4);
    let head = LandmarkRidge::new(examples(), &view("/view"), usize::MAX).unwrap();
    let found: Vec<_> = asked().map(|(query, view)| head.scores_fused(&query, &view).unwrap()).collect();
    assert_near(&found, &fixture::<Rows>("/fused/scores"), 1e-4);
}

/// Of two like examples one landmark is as good as two: the fit is over all examples either way.
#[test]
fn a_landmark_stands_for_its_like() {
    let two = [[1.0, 0.0], [0.0, 1.0]];
    let of = |rows: &[[f32; 2]], labels: &[usize], landmarks| {
        let examples = Examples::new(Matrix::from_rows(rows).unwrap(), labels.to_vec()).unwrap();
        LandmarkRidge::new(examples, &[], landmarks).unwrap().scores(&[0.8, 0.6]).unwrap()
    };
    let twice = [two[0], two[1], two[0], two[1]];
    assert_near(&[of(&twice, &[0, 1, 0, 1], 2)], &[of(&twice, &[0, 1, 0, 1], 4)], 1e-4);
    // The ridge weighs half against twice the examples: the closed form of two landmarks is not that of one example each.
    assert!((of(&twice, &[0, 1, 0, 1], 2)[0] - of(&two, &[0, 1], 2)[0]).abs() > 1e-3);
}

#[test]
fn prototypes_and_neighbours_are_numpys() {
    let head = Prototypes::new(examples()).unwrap();
    assert_near(&scores(&head), &fixture::<Rows>("/prototypes/scores"), 1e-5);
    let left: Vec<_> = head.leave_one_out().iter().collect();
    assert_near(&left, &fixture::<Rows>("/prototypes/leave_one_out"), 1e-5);
    assert_near(&scores(&Nearest::new(examples(), 5).unwrap()), &fixture::<Rows>("/nearest"), 1e-5);
}

#[test]
fn discriminant_is_scikit_learns() {
    for (shrinkage, key) in [(0.0, "0.0"), (0.1, "0.1"), (0.9, "0.9")] {
        let head = Discriminant::new(&examples(), shrinkage).unwrap();
        assert_near(&probabilities(&head), &fixture::<Rows>(&format!("/discriminant/{key}")), 1e-5);
    }
}

#[test]
fn logistic_is_scikit_learns() {
    for (c, key) in [(0.1, "0.1"), (1.0, "1.0"), (100.0, "100.0")] {
        let head = Logistic::new(&examples(), c).unwrap();
        assert_near(&probabilities(&head), &fixture::<Rows>(&format!("/logistic/{key}")), 1e-4);
    }
}

#[test]
fn logistic_of_two_classes_is_scikit_learns() {
    let all = examples();
    let (rows, labels): (Vec<_>, Vec<_>) = all.iter().filter(|(_, label)| *label < 2).unzip();
    let two = Examples::new(Matrix::from_rows(&rows).unwrap(), labels).unwrap();
    for (c, key) in [(0.1, "0.1"), (10.0, "10.0")] {
        assert_near(&probabilities(&Logistic::new(&two, c).unwrap()), &fixture::<Rows>(&format!("/logistic_of_two/{key}")), 1e-4);
    }
}

#[test]
fn scope_is_numpys() {
    let (ridge, prototypes) = (KernelRidge::new(examples()).unwrap(), Prototypes::new(examples()).unwrap());
    let scope = Scope::new(ridge.leave_one_out(), prototypes.leave_one_out(), 0.9).unwrap();
    let found: Vec<f32> = scores(&ridge).iter().zip(scores(&prototypes)).map(|(ridge, cosines)| scope.slack(ridge, &cosines)).collect();
    assert_near(&[found], &[fixture::<Vec<f32>>("/scope")], 1e-4);
}

#[test]
fn examples_need_every_class() {
    let rows = |count| Matrix::from_rows(&vec![[1.0, 0.0]; count]).unwrap();
    let of = |count, labels: &[usize]| Examples::new(rows(count), labels.to_vec()).map(|it| it.counts);
    assert_eq!(of(3, &[0, 1, 1]), Ok(vec![1, 2]));
    assert_eq!(of(2, &[0]), Err(Error::Dimension { expected: 2, found: 1 }));
    assert_eq!(of(0, &[]), Err(Error::TooFew));
    assert_eq!(of(2, &[0, 2]), Err(Error::TooFew));
    assert_eq!(of(3, &[0, 2, 2]), Err(Error::TooFew));
    assert_eq!(of(1, &[usize::MAX]), Err(Error::TooFew));
}

#[test]
fn parameters_out_of_range_are_refused() {
    assert_eq!(Nearest::new(examples(), 0).map(|_| ()), Err(Error::Range("k")));
    for shrinkage in [-0.1, 1.1, f64::NAN] {
        assert_eq!(Discriminant::new(&examples(), shrinkage).map(|_| ()), Err(Error::Range("shrinkage")));
    }
    for c in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        assert_eq!(Logistic::new(&examples(), c).map(|_| ()), Err(Error::Range("c")));
    }
    assert_eq!(KernelRidge::fused(examples(), &view("/query_view")).map(|_| ()), Err(Error::Dimension { expected: 40, found: 8 }));
    assert_eq!(LandmarkRidge::new(examples(), &view("/query_view"), 9).map(|_| ()), Err(Error::Dimension { expected: 40, found: 8 }));
    assert_eq!(LandmarkRidge::new(examples(), &[], 0).map(|_| ()), Err(Error::TooFew));
}

#[test]
fn one_class_is_nothing_to_tell_apart_and_nothing_that_varies_has_no_covariance() {
    let of = |rows: &[[f32; 2]], labels: &[usize]| Examples::new(Matrix::from_rows(rows).unwrap(), labels.to_vec()).unwrap();
    let one = of(&[[1.0, 0.0], [0.0, 1.0]], &[0, 0]);
    assert_eq!(Logistic::new(&one, 1.0).map(|_| ()), Err(Error::TooFew));
    assert_eq!(Discriminant::new(&one, 0.1).map(|_| ()), Err(Error::TooFew));
    assert_eq!(Discriminant::new(&of(&[[1.0, 0.0], [0.0, 1.0]], &[0, 1]), 0.1).map(|_| ()), Err(Error::NotPositive));
    assert_eq!(KernelRidge::new(one).unwrap().classes(), 1);
}

#[test]
fn queries_of_another_length_or_without_numbers_are_refused() {
    #[track_caller]
    fn check(head: &impl Head) {
        assert_eq!(head.classes(), 4);
        assert_eq!(head.scores(&[1.0; 11]), Err(Error::Dimension { expected: 12, found: 11 }));
        assert_eq!(head.scores(&[f32::NAN; 12]), Err(Error::NotFinite));
        assert!(head.scores(&[0.0; 12]).unwrap().iter().all(|score| score.is_finite()));
        assert!(head.scores(&[f32::MAX; 12]).unwrap().len() == 4);
    }
    check(&Prototypes::new(examples()).unwrap());
    check(&Nearest::new(examples(), usize::MAX).unwrap());
    check(&KernelRidge::fused(examples(), &view("/view")).unwrap());
    check(&LandmarkRidge::new(examples(), &view("/view"), 20).unwrap());
    check(&Discriminant::new(&examples(), 0.1).unwrap());
    check(&Logistic::new(&examples(), 1.0).unwrap());
}

proptest! {
    #[test]
    fn any_examples_make_heads_or_an_error(rows in prop::collection::vec((any::<[f32; 3]>(), 0usize..3), 0..9), query: [f32; 3]) {
        let finite = |value: f32| if value.is_finite() { value } else { 0.0 };
        let vectors = Matrix::new(rows.len(), 3, rows.iter().flat_map(|row| row.0).map(finite).collect()).unwrap();
        let Ok(examples) = Examples::new(vectors, rows.iter().map(|row| row.1).collect()) else { return Ok(()) };
        let query = query.map(finite);
        let answers = [
            Prototypes::new(examples.clone()).and_then(|head| head.scores(&query)),
            Nearest::new(examples.clone(), 3).and_then(|head| head.scores(&query)),
            KernelRidge::new(examples.clone()).and_then(|head| head.scores(&query)),
            Discriminant::new(&examples, 0.1).and_then(|head| head.scores(&query)),
            Logistic::new(&examples, 1.0).and_then(|head| head.scores(&query)),
        ];
        for answer in &answers[..3] {
            prop_assert_eq!(answer.as_ref().map(Vec::len), Ok(examples.counts().len()));
        }
    }
}
