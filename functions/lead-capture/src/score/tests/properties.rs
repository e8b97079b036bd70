//! What holds for any rules, sensible or not, and any visitor.

use super::*;

const FIELDS: [&str; 4] = ["a", "b", "c", "d"];
const FIT_GROUPS: [&str; 6] = ["budget", "authority", "need", "timing", "other", "unknown"];
const EVENT_GROUPS: [&str; 3] = ["pages", "forms", "unknown"];
const KINDS: [&str; 3] = ["page", "track", "submission"];

/// Points as `check` allows them, and a few that only a broken store could give.
fn points() -> impl Strategy<Value = i32> {
    prop_oneof![20 => -100..=100_i32, 1 => Just(i32::MAX), 1 => Just(i32::MIN)]
}

fn fit_rules() -> impl Strategy<Value = Vec<FitRule>> {
    let rule = (0..FIT_GROUPS.len(), points(), 0..FIELDS.len(), any::<bool>());
    prop::collection::vec(rule, 0..12).prop_map(|rules| {
        rules
            .into_iter()
            .enumerate()
            .map(|(i, (group, points, field, is_negated))| {
                let present = Condition::Present { field: FIELDS[field].to_owned() };
                let when = if is_negated { Condition::Not(Box::new(present)) } else { present };
                FitRule { id: format!("f{i}"), group: FIT_GROUPS[group].to_owned(), label: in_both("f", "f"), points, when }
            })
            .collect()
    })
}

fn event_rules() -> impl Strategy<Value = Vec<EventRule>> {
    let some_days = || prop::option::of(1..400_u32);
    let rule = (0..EVENT_GROUPS.len(), points(), 0..KINDS.len(), 1..4_u32, prop::option::of(1..4_u32), some_days(), some_days());
    prop::collection::vec(rule, 0..8).prop_map(|rules| {
        rules
            .into_iter()
            .enumerate()
            .map(|(i, (group, points, kind, at_least, at_most, within_days, half_life_days))| EventRule {
                id: format!("e{i}"),
                group: EVENT_GROUPS[group].to_owned(),
                label: in_both("e", "e"),
                points,
                event: Pattern { kind: Some(KINDS[kind].to_owned()), ..Pattern::default() },
                at_least,
                at_most,
                within_days,
                half_life_days,
            })
            .collect()
    })
}

fn group(cap: u32) -> Group {
    Group { cap, label: None }
}

prop_compose! {
    fn any_rules()(
        fit in fit_rules(), engagement in event_rules(), caps in prop::array::uniform4(0..=120_u32), weights in prop::array::uniform2(0..=1_000_u32),
    ) -> RuleSet {
        RuleSet {
            fit: FitRules { groups: [("need".to_owned(), group(caps[0])), ("other".to_owned(), group(caps[1]))].into(), rules: fit },
            engagement: EngagementRules { groups: [("pages".to_owned(), group(caps[2])), ("forms".to_owned(), group(caps[3]))].into(), rules: engagement },
            weights: Weights { fit: weights[0], engagement: weights[1] },
            ..RuleSet::default()
        }
    }
}

fn any_fields() -> impl Strategy<Value = Map<String, Json>> {
    prop::sample::subsequence(&FIELDS[..], 0..=FIELDS.len())
        .prop_map(|names| names.into_iter().map(|name| (name.to_owned(), Json::from("x"))).collect())
}

fn any_events() -> impl Strategy<Value = Vec<VisitorEvent>> {
    prop::collection::vec((0..KINDS.len(), -50..20_000_i64), 0..20)
        .prop_map(|events| events.into_iter().map(|(kind, hours_ago)| event(KINDS[kind], hours_ago)).collect())
}

/// Rules that only add, so that "more" has one direction.
fn without_negatives(mut rules: RuleSet) -> RuleSet {
    rules.fit.rules.iter_mut().for_each(|rule| rule.points = rule.points.saturating_abs());
    rules.engagement.rules.iter_mut().for_each(|rule| rule.points = rule.points.saturating_abs());
    rules
}

fn sum_of(score: &Score, side: Side) -> i64 {
    score.contributions.iter().filter(|c| c.side == side).map(|c| c.side_points).sum()
}

proptest! {
    #[test]
    fn contributions_add_up_exactly_and_scores_stay_on_the_scale(rules in any_rules(), fields in any_fields(), events in any_events()) {
        let score = rules.score(&person(&fields), &events, now());
        prop_assert_eq!(score.contributions.iter().map(|c| c.points).sum::<i64>(), score.combined);
        prop_assert_eq!(sum_of(&score, Side::Fit), score.fit);
        prop_assert_eq!(sum_of(&score, Side::Engagement), score.engagement);
        for number in [score.fit, score.engagement, score.combined] {
            prop_assert!((0..=MAX_SCORE).contains(&number));
        }
        let is_weighed = rules.weights.fit + rules.weights.engagement > 0;
        prop_assert!(!is_weighed || score.combined >= score.fit.min(score.engagement));
        prop_assert!(score.combined <= score.fit.max(score.engagement));
    }

    #[test]
    fn no_group_adds_more_than_its_cap(rules in any_rules(), fields in any_fields(), events in any_events()) {
        let score = rules.score(&person(&fields), &events, now());
        for (name, group) in rules.fit.groups.iter().chain(&rules.engagement.groups) {
            let sum: i64 = score.contributions.iter().filter(|c| c.group.as_ref() == Some(name)).map(|c| c.side_points).sum();
            prop_assert!(sum <= i64::from(group.cap), "{} {}", name, sum);
        }
    }

    #[test]
    fn a_higher_cap_never_lowers_a_score(
        rules in any_rules(), fields in any_fields(), events in any_events(), more in 1..60_u32, which in 0..4_usize,
    ) {
        let mut raised = rules.clone();
        let groups = raised.fit.groups.values_mut().chain(raised.engagement.groups.values_mut());
        if let Some(group) = groups.into_iter().nth(which) {
            group.cap += more;
        }
        let (before, after) = (rules.score(&person(&fields), &events, now()), raised.score(&person(&fields), &events, now()));
        prop_assert!(after.fit >= before.fit && after.engagement >= before.engagement && after.combined >= before.combined);
    }

    #[test]
    fn faster_decay_never_raises_a_score(rules in any_rules(), fields in any_fields(), events in any_events(), shorter in 1..400_u32) {
        let mut faster = rules.clone();
        for rule in &mut faster.engagement.rules {
            rule.half_life_days = Some(rule.half_life_days.map_or(shorter, |days| days.min(shorter)));
        }
        let (before, after) = (rules.score(&person(&fields), &events, now()), faster.score(&person(&fields), &events, now()));
        prop_assert!(after.engagement <= before.engagement && after.combined <= before.combined);
    }

    #[test]
    fn time_alone_never_raises_what_was_earned(rules in any_rules().prop_map(without_negatives), events in any_events(), days in 1..400_i64) {
        let past: Vec<_> = events.into_iter().filter(|event| event.occurred_at <= now()).collect();
        let fields = Map::new();
        let (before, after) = (rules.score(&person(&fields), &past, now()), rules.score(&person(&fields), &past, now() + chrono::TimeDelta::days(days)));
        prop_assert!(after.engagement <= before.engagement);
    }

    #[test]
    fn the_order_of_rules_and_events_changes_nothing(rules in any_rules(), fields in any_fields(), events in any_events()) {
        let (mut turned, mut turned_events) = (rules.clone(), events.clone());
        turned.fit.rules.reverse();
        turned.engagement.rules.reverse();
        turned_events.reverse();
        prop_assert_eq!(rules.score(&person(&fields), &events, now()), turned.score(&person(&fields), &turned_events, now()));
    }

    #[test]
    fn a_replay_from_stored_rules_is_byte_equal(rules in any_rules(), fields in any_fields(), events in any_events()) {
        let stored: RuleSet = serde_json::from_str(&serde_json::to_string(&rules).unwrap()).unwrap();
        let first = rules.score(&person(&fields), &events, now()).detail(3).to_string();
        prop_assert_eq!(first, stored.score(&person(&fields), &events, now()).detail(3).to_string());
    }
}
