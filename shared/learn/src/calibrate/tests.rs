use proptest::prelude::*;

use super::*;
use crate::testing::{assert_near, fixture};

fn scores() -> Matrix {
    Matrix::from_rows(&fixture::<Vec<Vec<f32>>>("/ridge/leave_one_out")).unwrap()
}

#[test]
fn finds_the_temperature_that_a_search_finds() {
    let temperature = Temperature::fit(&scores(), &fixture::<Vec<usize>>("/labels")).unwrap();
    assert!((temperature.value() - fixture::<f64>("/temperature/value")).abs() < 1e-5);
    let found: Vec<_> = fixture::<Vec<Vec<f32>>>("/ridge/scores").iter().map(|row| temperature.probabilities(row)).collect();
    assert_near(&found, &fixture::<Vec<Vec<f32>>>("/temperature/probabilities"), 1e-5);
}

#[test]
fn a_few_right_answers_are_not_certainty_and_wrong_ones_leave_nothing() {
    let scores = Matrix::from_rows(&[[1.0, 0.0], [0.0, 1.0]]).unwrap();
    // One guess in four: right in 7 of 8.
    let right = Temperature::fit(&scores, &[0, 1]).unwrap();
    assert_near(&[right.probabilities(&[1.0, 0.0])], &[[0.875, 0.125]], 1e-5);
    let wrong = Temperature::fit(&scores, &[1, 0]).unwrap();
    assert_near(&[wrong.probabilities(&[1.0, 0.0])], &[[0.5, 0.5]], 1e-3);
}

#[test]
fn refuses_labels_that_do_not_fit() {
    let scores = Matrix::from_rows(&[[0.9, 0.1], [0.2, 0.8]]).unwrap();
    assert_eq!(Temperature::fit(&scores, &[0]), Err(Error::Dimension { expected: 2, found: 1 }));
    assert_eq!(Temperature::fit(&scores, &[0, 2]), Err(Error::Label { label: 2, classes: 2 }));
    assert_eq!(Temperature::fit(&Matrix::new(0, 2, vec![]).unwrap(), &[]), Err(Error::TooFew));
}

#[test]
fn rises_as_scikit_learn_does() {
    let curve = Isotonic::fit(&fixture::<Vec<(f32, f32)>>("/isotonic/points")).unwrap();
    let found: Vec<f32> = fixture::<Vec<f32>>("/isotonic/places").into_iter().map(|place| curve.value(place)).collect();
    assert_near(&[found], &[fixture::<Vec<f32>>("/isotonic/values")], 1e-5);
}

#[track_caller]
fn check(points: &[(f32, f32)], places: &[f32], expect: &[f32]) {
    let curve = Isotonic::fit(points).unwrap();
    assert_eq!(places.iter().map(|place| curve.value(*place)).collect::<Vec<_>>(), expect);
}

#[test]
fn pools_what_falls_and_draws_lines_between() {
    check(&[(0.5, 1.0)], &[-1.0, 0.5, f32::INFINITY], &[1.0, 1.0, 1.0]);
    check(&[(0.0, 0.0), (1.0, 1.0)], &[-1.0, 0.25, 2.0], &[0.0, 0.25, 1.0]);
    check(&[(0.0, 1.0), (1.0, 0.0)], &[0.0, 0.5, 1.0], &[0.5, 0.5, 0.5]);
    check(&[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)], &[0.0, 0.5], &[0.5, 0.75]);
    check(&[(f32::MIN, 0.0), (f32::MAX, 1.0)], &[0.0, f32::NAN], &[0.5, 0.0]);
    assert_eq!(Isotonic::fit(&[]), Err(Error::TooFew));
    assert_eq!(Isotonic::fit(&[(f32::NAN, 0.0)]), Err(Error::NotFinite));
}

proptest! {
    #[test]
    fn never_falls_and_keeps_the_mean(points in prop::collection::vec((-3i8..3, any::<bool>()), 1..40)) {
        let points: Vec<_> = points.into_iter().map(|(score, value)| (f32::from(score), f32::from(u8::from(value)))).collect();
        let curve = Isotonic::fit(&points).unwrap();
        let values: Vec<_> = (-40..40).map(|place| curve.value(place as f32 / 10.0)).collect();
        prop_assert!(values.is_sorted());
        let sums = points.iter().fold((0.0, 0.0), |sums, point| (sums.0 + point.1, sums.1 + curve.value(point.0)));
        prop_assert!((sums.0 - sums.1).abs() < 1e-3);
    }

    #[test]
    fn any_finite_scores_have_a_temperature(rows in prop::collection::vec(any::<[f32; 3]>(), 1..9), labels in prop::collection::vec(0usize..3, 9)) {
        let rows: Vec<_> = rows.iter().map(|row| row.map(|value| if value.is_finite() { value } else { 1.0 })).collect();
        let temperature = Temperature::fit(&Matrix::from_rows(&rows).unwrap(), &labels[..rows.len()]).unwrap();
        prop_assert!(temperature.value().is_finite());
        let sum: f32 = temperature.probabilities(&rows[0]).iter().sum();
        prop_assert!((sum - 1.0).abs() < 1e-5);
    }
}
