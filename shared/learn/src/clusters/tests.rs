use proptest::prelude::*;

use super::*;

/// Directions of a few bundles that are far from one another, each shaken a little, and strangers.
fn bundle(seed: u64, centre: usize, shake: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let mut vector: Vec<f32> = (0..32)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5) * shake
        })
        .collect();
    vector[centre] += 1.0;
    crate::matrix::normalise(&mut vector);
    vector
}

fn of(vectors: &[Vec<f32>]) -> Likenesses {
    Likenesses::of(&Matrix::from_rows(vectors).unwrap()).unwrap()
}

fn sorted(groups: &[Group]) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = groups.iter().map(|group| group.members.clone()).collect();
    all.iter_mut().for_each(|members| members.sort_unstable());
    all.sort();
    all
}

#[test]
fn bundles_are_groups_and_strangers_are_left_over() {
    let mut vectors: Vec<Vec<f32>> = (0..12).map(|at| bundle(at, at as usize % 3, 0.3)).collect();
    vectors.extend((20..26).map(|at| bundle(at, at as usize, 0.3)));
    let found = groups(&of(&vectors), 0.5, 3);
    assert_eq!(sorted(&found), [vec![0, 3, 6, 9], vec![1, 4, 7, 10], vec![2, 5, 8, 11]]);
    assert!(found.iter().all(|group| group.likeness > 0.5));
}

#[test]
fn the_most_central_comes_first_and_the_largest_group() {
    let at = |degrees: f32| vec![degrees.to_radians().cos(), degrees.to_radians().sin()];
    let vectors: Vec<_> = [0.0, 10.0, 20.0, 10.0, 90.0, 95.0, 100.0, 200.0].map(at).to_vec();
    let found = groups(&of(&vectors), 0.9, 3);
    assert_eq!(found.iter().map(|group| group.members.clone()).collect::<Vec<_>>(), [vec![1, 3, 0, 2], vec![5, 4, 6]]);
}

#[test]
fn whoever_is_not_like_enough_leaves() {
    // A chain: each is like the next, the ends are not. Average linkage takes the last one in by the mean of what it is to all.
    let table = [[1.0, 0.8, 0.5, 0.2], [0.8, 1.0, 0.8, 0.5], [0.5, 0.8, 1.0, 0.79], [0.2, 0.5, 0.79, 1.0]];
    let likenesses = Likenesses::new(4, |one, other| table[one][other]).unwrap();
    let merged = Linkage::new(likenesses.clone(), 0.49).run();
    assert_eq!(merged.iter().map(Vec::len).max(), Some(4), "{merged:?}");
    assert_eq!(sorted(&groups(&likenesses, 0.499, 2)), [vec![0, 1, 2]], "0.497 in the mean is too little");
    assert_eq!(sorted(&groups(&likenesses, 0.49, 2)), [vec![0, 1, 2, 3]]);
}

#[test]
fn twins_zeros_and_nothing_are_no_trouble() {
    assert_eq!(groups(&of(&[]), 0.5, 2), []);
    assert_eq!(groups(&of(&[vec![1.0]]), 0.5, 1), [], "one is no group, whatever is asked");
    assert_eq!(groups(&of(&vec![vec![0.0, 0.0]; 4]), 0.5, 2), []);
    assert_eq!(sorted(&groups(&of(&vec![vec![1.0, 0.0]; 9]), 0.5, 2)), [(0..9).collect::<Vec<_>>()]);
    assert_eq!(Likenesses::new(2, |_, _| f32::NAN), Err(Error::NotFinite));
    assert_eq!(Likenesses::new(MOST + 1, |_, _| 0.0), Err(Error::TooMany { most: MOST, found: MOST + 1 }));
}

/// The same, slowly: of all clusters the two that are nearest, until none are near enough.
fn slowly(likenesses: &Likenesses, alike: f64) -> Vec<Vec<usize>> {
    let mut clusters: Vec<Vec<usize>> = (0..likenesses.count).map(|at| vec![at]).collect();
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for one in 0..clusters.len() {
            for other in 0..one {
                let pairs = clusters[one].iter().flat_map(|a| clusters[other].iter().map(move |b| (*a, *b)));
                let sum: f64 = pairs.map(|(a, b)| f64::from(likenesses.get(a, b))).sum();
                let mean = sum / (clusters[one].len() * clusters[other].len()) as f64;
                if mean >= alike && best.is_none_or(|(most, ..)| mean > most) {
                    best = Some((mean, one, other));
                }
            }
        }
        let Some((_, one, other)) = best else { break };
        let moved = clusters.remove(one);
        clusters[other].extend(moved);
    }
    clusters.iter_mut().for_each(|members| members.sort_unstable());
    clusters.sort();
    clusters
}

fn cloud() -> impl Strategy<Value = Vec<Vec<f32>>> {
    let one = (any::<u64>(), 0_usize..6, 0.2_f32..2.0).prop_map(|(seed, centre, shake)| bundle(seed, centre, shake));
    prop::collection::vec(one, 0..40)
}

proptest! {
    #[test]
    fn chains_merge_as_the_slow_way_does(vectors in cloud(), alike in 0.05_f32..0.95) {
        let likenesses = of(&vectors);
        let mut found = Linkage::new(likenesses.clone(), alike).run();
        found.iter_mut().for_each(|members| members.sort_unstable());
        found.sort();
        prop_assert_eq!(found, slowly(&likenesses, f64::from(alike)));
    }

    #[test]
    fn every_member_is_alike_and_is_in_one_group(vectors in cloud(), alike in -0.2_f32..1.0, least in 0_usize..6) {
        let likenesses = of(&vectors);
        let found = groups(&likenesses, alike, least);
        let mut seen = std::collections::BTreeSet::new();
        for group in &found {
            prop_assert!(group.members.len() >= least.max(2));
            for one in &group.members {
                prop_assert!(seen.insert(*one) && *one < vectors.len());
                let others = group.members.iter().filter(|other| *other != one);
                let sum: f64 = others.map(|other| f64::from(likenesses.get(*one, *other))).sum();
                prop_assert!(sum / (group.members.len() - 1) as f64 >= f64::from(alike) - 1e-6);
            }
        }
        prop_assert_eq!(&found, &groups(&likenesses, alike, least));
    }

    #[test]
    fn the_order_changes_nothing(vectors in cloud(), alike in 0.05_f32..0.95, seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..vectors.len()).collect();
        order.sort_by_key(|at| (*at as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let shuffled: Vec<Vec<f32>> = order.iter().map(|at| vectors[*at].clone()).collect();
        let mut back = groups(&of(&shuffled), alike, 2);
        back.iter_mut().for_each(|group| group.members.iter_mut().for_each(|at| *at = order[*at]));
        prop_assert_eq!(sorted(&back), sorted(&groups(&of(&vectors), alike, 2)));
    }

    #[test]
    fn any_likenesses_end(values in prop::collection::vec(prop::sample::select(vec![0.0_f32, 0.5, 0.7, 0.9, 0.999_999_9, 1.0]), 300)) {
        let likenesses = Likenesses::new(25, |one, other| values[place(one, other)]).unwrap();
        let found = groups(&likenesses, 0.6, 2);
        prop_assert!(found.iter().map(|group| group.members.len()).sum::<usize>() <= 25);
    }
}
