//! How far one person came through the steps of a funnel. Pure and exact.

/// When something happened among one person's events: milliseconds, then the order among events of one moment.
pub type Moment = (i64, i64);

/// The furthest way through the steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Which occurrence of the first step it starts with.
    pub start: usize,
    /// When each step that was reached happened.
    pub times: Vec<i64>,
}

/// The longest chain of steps, each after the one before and none later than `window` milliseconds after the first; of several, the
/// one that starts first. `None` if the first step never happened.
///
/// From a given start, to take each next step as early as it comes is never worse: whatever can follow a later one can follow it
/// too. What happened at one moment and in no known order follows nothing of that moment.
///
/// Shape: each step's moments in order.
#[must_use]
pub fn longest(steps: &[Vec<Moment>], window: i64) -> Option<Chain> {
    let (first, rest) = steps.split_first()?;
    let mut best: Option<Chain> = None;
    // A later start never has an earlier chain, so each list is walked once.
    let mut cursors = vec![0; rest.len()];
    for (start, moment) in first.iter().enumerate() {
        let mut times = vec![moment.0];
        let mut last = *moment;
        for (step, cursor) in rest.iter().zip(&mut cursors) {
            while step.get(*cursor).is_some_and(|next| *next <= last) {
                *cursor += 1;
            }
            match step.get(*cursor) {
                Some(next) if next.0 - moment.0 <= window => last = *next,
                _ => break,
            }
            times.push(last.0);
        }
        let is_longer = best.as_ref().is_none_or(|best| times.len() > best.times.len());
        let is_whole = times.len() == steps.len();
        if is_longer {
            best = Some(Chain { start, times });
        }
        if is_whole {
            break;
        }
    }
    best
}

/// Reads `time order,time order,…` and puts it in order, with the place that each had in the list; `None` for anything else.
#[must_use]
pub fn moments(list: &str) -> Option<Vec<(Moment, usize)>> {
    let read = |(place, text): (usize, &str)| {
        let (time, order) = text.split_once(' ')?;
        Some(((time.parse().ok()?, order.parse().ok()?), place))
    };
    let mut moments: Vec<_> = list.split(',').filter(|text| !text.is_empty()).enumerate().map(read).collect::<Option<_>>()?;
    moments.sort_unstable();
    Some(moments)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(steps: &[&[Moment]], window: i64, expect: Option<(usize, &[i64])>) {
        let steps: Vec<_> = steps.iter().map(|step| step.to_vec()).collect();
        let expect = expect.map(|(start, times)| Chain { start, times: times.to_vec() });
        assert_eq!(longest(&steps, window), expect, "{steps:?}");
    }

    #[test]
    fn steps_follow_each_other_within_the_window() {
        check(&[&[], &[(1, 0)]], 10, None);
        check(&[&[(0, 0)], &[(5, 0)], &[(10, 0)]], 10, Some((0, &[0, 5, 10])));
        check(&[&[(0, 0)], &[(5, 0)], &[(11, 0)]], 10, Some((0, &[0, 5])));
        check(&[&[(5, 0)], &[(0, 0)]], 10, Some((0, &[5])));
    }

    #[test]
    fn a_later_start_may_come_further() {
        check(&[&[(0, 0), (8, 0)], &[(5, 0), (9, 0)], &[(12, 0)]], 10, Some((1, &[8, 9, 12])));
    }

    #[test]
    fn of_chains_as_long_the_first_counts() {
        check(&[&[(0, 0), (8, 0)], &[(9, 0)]], 10, Some((0, &[0, 9])));
        check(&[&[(0, 0), (20, 0)], &[(5, 0), (26, 0)], &[]], 10, Some((0, &[0, 5])));
    }

    #[test]
    fn one_moment_has_an_order_or_none() {
        check(&[&[(1, 0)], &[(1, 1)]], 10, Some((0, &[1, 1])));
        check(&[&[(1, 1)], &[(1, 0)]], 10, Some((0, &[1])));
        check(&[&[(1, 0)], &[(1, 0)]], 10, Some((0, &[1])));
    }

    #[test]
    fn one_event_is_one_step() {
        check(&[&[(1, 0)], &[(1, 0)]], 10, Some((0, &[1])));
        check(&[&[(1, 0), (3, 0)], &[(1, 0), (3, 0)]], 10, Some((0, &[1, 3])));
    }

    #[test]
    fn lists_come_back_in_order() {
        assert_eq!(moments("30 1,20 2,20 -1"), Some(vec![((20, -1), 2), ((20, 2), 1), ((30, 1), 0)]));
        assert_eq!((moments(""), moments("3"), moments("a b")), (Some(vec![]), None, None));
    }

    /// Every way through the steps, tried.
    fn reach(steps: &[Vec<Moment>], window: i64) -> usize {
        fn from(steps: &[Vec<Moment>], start: i64, last: Moment, window: i64) -> usize {
            let Some((step, rest)) = steps.split_first() else { return 0 };
            let next = step.iter().filter(|next| **next > last && next.0 - start <= window);
            next.map(|next| 1 + from(rest, start, *next, window)).max().unwrap_or(0)
        }
        steps[0].iter().map(|first| 1 + from(&steps[1..], first.0, *first, window)).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn nobody_comes_further_than_the_chain(
            mut steps in prop::collection::vec(prop::collection::vec((0i64..12, 0i64..3), 0..5), 1..5),
            window in 0i64..12,
        ) {
            steps.iter_mut().for_each(|step| step.sort_unstable());
            let chain = longest(&steps, window);
            prop_assert_eq!(chain.as_ref().map_or(0, |chain| chain.times.len()), reach(&steps, window));
        }
    }
}
