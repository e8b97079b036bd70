use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

const CATEGORIES: [&str; 3] = ["billing", "sales", "technical"];
const LANGUAGES: [&str; 2] = ["en", "es"];
const TEAMS: [&str; 2] = ["one", "two"];

fn noon() -> DateTime<Utc> {
    "2026-11-27T12:00:00Z".parse().unwrap()
}

fn after(minutes: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(minutes)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| String::from(*word)).collect()
}

/// At work, with two seats, and of use for technical tickets in English.
fn agent(id: &str) -> Agent {
    Agent {
        id: id.into(),
        team: "one".into(),
        skills: words(&["technical"]),
        languages: words(&["en"]),
        capacity: 2,
        load: 0,
        presence: Presence::Online,
        is_working: true,
        leaves_at: None,
        out_until: None,
    }
}

/// Technical, in English, since noon and without a deadline.
fn ticket(id: &str, priority: Priority) -> Waiting {
    Waiting {
        ticket: id.into(),
        category: "technical".into(),
        language: "en".into(),
        priority,
        due: None,
        since: noon(),
        team: None,
        last_agent: None,
        refused: vec![],
    }
}

fn strict() -> Rules {
    Rules { skill: Need::Strict, language: Need::Strict, ..Rules::default() }
}

fn pairs(plan: &Plan) -> Vec<(&str, &str)> {
    plan.assignments.iter().map(|it| (it.ticket.as_str(), it.agent.as_str())).collect()
}

#[test]
fn an_assignment_says_what_speaks_for_it() {
    let waiting = Waiting { due: Some(after(60)), since: after(-120), ..ticket("t", Priority::High) };
    let leaving = Agent { leaves_at: Some(after(30)), load: 1, ..agent("a") };
    let plan = assign(&[leaving], &[waiting], &Rules::default(), noon());
    let reasons = [
        (Kind::Priority, 400),
        (Kind::Deadline, 150),
        (Kind::Age, 20),
        (Kind::Skill, 60),
        (Kind::Language, 120),
        (Kind::Leaving, -100),
        (Kind::Spare, 50),
    ];
    assert_eq!(plan.assignments[0].reasons, reasons.map(|(kind, points)| Reason { kind, points }));
    assert_eq!(plan.assignments[0].score, 700);
    let wire = serde_json::to_value(&plan).unwrap();
    assert_eq!(wire["assignments"][0]["reasons"][5], serde_json::json!({ "kind": "leaving", "points": -100 }));
}

#[track_caller]
fn check_why(change: impl Fn(&mut Agent, &mut Waiting), expect: Option<Why>) {
    let (mut agent, mut ticket) = (agent("a"), ticket("t", Priority::Normal));
    change(&mut agent, &mut ticket);
    let plan = assign(&[agent], &[ticket], &strict(), noon());
    assert_eq!(plan.left.first().map(|left| left.why), expect);
    assert_eq!(plan.assignments.len() + plan.left.len(), 1);
}

#[test]
fn a_ticket_that_nobody_gets_says_why() {
    check_why(|_, _| (), None);
    check_why(|_, ticket| ticket.team = Some("two".into()), Some(Why::NobodyInTeam));
    check_why(|agent, _| agent.presence = Presence::Offline, Some(Why::NobodyOnline));
    check_why(|agent, _| agent.presence = Presence::Away, Some(Why::NobodyOnline));
    check_why(|agent, _| agent.is_working = false, Some(Why::NobodyAtWork));
    check_why(|agent, _| agent.leaves_at = Some(noon()), Some(Why::NobodyAtWork));
    check_why(|agent, _| agent.leaves_at = Some(after(1)), None);
    check_why(|_, ticket| ticket.language = "es".into(), Some(Why::NobodyWritesLanguage));
    check_why(|_, ticket| ticket.category = "billing".into(), Some(Why::NobodyHasSkill));
    check_why(|_, ticket| ticket.refused = words(&["b", "a"]), Some(Why::AllRefused));
    check_why(|agent, _| agent.load = 2, Some(Why::AllFull));
    check_why(|agent, _| agent.load = u32::MAX, Some(Why::AllFull));
    check_why(|agent, _| agent.capacity = 0, Some(Why::AllFull));
    let nobody = assign(&[], &[ticket("t", Priority::Normal)], &strict(), noon());
    assert_eq!(nobody.left[0].why, Why::NobodyInTeam);
    assert_eq!(assign(&[agent("a")], &[], &strict(), noon()), Plan::default());
}

#[test]
fn the_reason_is_that_of_the_agent_who_came_furthest() {
    let agents =
        [Agent { presence: Presence::Offline, ..agent("a") }, Agent { load: 2, ..agent("b") }, Agent { skills: vec![], ..agent("c") }];
    assert_eq!(assign(&agents, &[ticket("t", Priority::Normal)], &strict(), noon()).left[0].why, Why::AllFull);
    assert_eq!(assign(&agents[..1], &[ticket("t", Priority::Normal)], &strict(), noon()).left[0].why, Why::NobodyOnline);
}

#[test]
fn freescout_5429_nobody_gets_tickets_while_out_of_office() {
    check_why(|agent, _| agent.out_until = Some(after(1)), Some(Why::NobodyAtWork));
    check_why(|agent, _| agent.out_until = Some(noon()), None);
}

#[test]
fn chatwoot_7204_a_full_team_is_no_reason_to_choose_somebody_offline() {
    let agents = [Agent { presence: Presence::Offline, ..agent("rested") }, Agent { load: 2, ..agent("busy") }];
    let plan = assign(&agents, &[ticket("t", Priority::Critical)], &Rules::default(), noon());
    assert_eq!(plan.left, [Left { ticket: "t".into(), why: Why::AllFull }]);
}

#[test]
fn chatwoot_10685_the_backlog_drains_when_people_return() {
    let mut agents = vec![Agent { presence: Presence::Offline, ..agent("a") }, Agent { is_working: false, ..agent("b") }];
    let mut waiting: Vec<_> = (0..50).map(|n| ticket(&format!("{n:02}"), Priority::ALL[n % 4])).collect();
    assert_eq!(assign(&agents, &waiting, &Rules::default(), noon()).left.len(), 50);
    agents[0].presence = Presence::Online;
    agents[1].is_working = true;
    // Everything assigned is answered before the next plan: four seats, thirteen plans.
    for _ in 0..13 {
        let plan = assign(&agents, &waiting, &Rules::default(), noon());
        assert_eq!(plan.assignments.len(), waiting.len().min(4));
        waiting.retain(|it| plan.left.iter().any(|left| left.ticket == it.ticket));
    }
    assert!(waiting.is_empty());
}

#[test]
fn the_most_urgent_is_served_first() {
    let one = Agent { capacity: 1, ..agent("a") };
    let first = |tickets: &[Waiting]| assign(std::slice::from_ref(&one), tickets, &Rules::default(), noon()).assignments[0].ticket.clone();
    let high = ticket("high", Priority::High);
    assert_eq!(first(&[high.clone(), ticket("critical", Priority::Critical)]), "critical");
    assert_eq!(first(&[high.clone(), Waiting { due: Some(after(5)), ..ticket("due", Priority::Normal) }]), "due");
    assert_eq!(first(&[high.clone(), Waiting { due: Some(after(-5)), ..ticket("overdue", Priority::Normal) }]), "overdue");
    // What was due long ago makes nothing else late, until its age counts.
    assert_eq!(first(&[high.clone(), Waiting { due: Some(after(-500)), ..ticket("broken", Priority::Normal) }]), "high");
    assert_eq!(first(&[high.clone(), Waiting { since: after(-41 * 60), ..ticket("old", Priority::Low) }]), "old");
    assert_eq!(first(&[high.clone(), Waiting { since: after(-1), ..ticket("older", Priority::High) }]), "older");
    assert_eq!(first(&[high.clone(), ticket("also", Priority::High)]), "also", "of equals the first by id");
    // A clock that went backwards: the future is no age.
    assert_eq!(first(&[high, Waiting { since: after(999), ..ticket("future", Priority::High) }]), "high");
}

#[test]
fn whoever_knows_the_matter_gets_it_and_others_when_they_are_full() {
    let agents = [Agent { skills: vec![], ..agent("a") }, agent("b")];
    let waiting: Vec<_> = ["1", "2", "3"].map(|id| ticket(id, Priority::Normal)).into();
    assert_eq!(pairs(&assign(&agents, &waiting, &Rules::default(), noon())), [("1", "b"), ("2", "b"), ("3", "a")]);
    let plan = assign(&agents, &waiting, &strict(), noon());
    assert_eq!((pairs(&plan), plan.left[0].why), (vec![("1", "b"), ("2", "b")], Why::AllFull));
}

#[test]
fn who_can_do_anything_makes_way_for_who_can_do_one_thing() {
    let both = Agent { skills: words(&["technical", "billing"]), capacity: 1, ..agent("both") };
    let one = Agent { skills: words(&["technical"]), capacity: 1, load: 0, ..agent("one") };
    let waiting = [ticket("1", Priority::High), Waiting { category: "billing".into(), ..ticket("2", Priority::Normal) }];
    assert_eq!(pairs(&assign(&[both, one], &waiting, &strict(), noon())), [("1", "one"), ("2", "both")]);
}

#[test]
fn a_customer_comes_back_to_who_knows_them_where_the_site_wants_that() {
    let agents = [agent("a"), Agent { load: 1, skills: vec![], ..agent("b") }];
    let known = Waiting { last_agent: Some("b".into()), ..ticket("t", Priority::Normal) };
    let sticky = Rules { is_sticky: true, ..Rules::default() };
    assert_eq!(pairs(&assign(&agents, std::slice::from_ref(&known), &sticky, noon())), [("t", "b")]);
    assert_eq!(pairs(&assign(&agents, std::slice::from_ref(&known), &Rules::default(), noon())), [("t", "a")]);
    let gone = [agents[0].clone(), Agent { presence: Presence::Away, ..agents[1].clone() }];
    assert_eq!(pairs(&assign(&gone, &[known], &sticky, noon())), [("t", "a")]);
}

#[test]
fn of_two_that_claim_one_id_the_same_counts_in_any_order() {
    let (one, other) = (agent("a"), Agent { skills: vec![], capacity: 1, ..agent("a") });
    let (high, low) = (ticket("t", Priority::High), ticket("t", Priority::Low));
    let plan = assign(&[one.clone(), other.clone()], &[high.clone(), low.clone()], &Rules::default(), noon());
    assert_eq!(assign(&[other, one], &[low, high], &Rules::default(), noon()), plan);
    assert_eq!(plan.assignments.len(), 1);
}

#[test]
fn equals_share_the_work() {
    let agents = ["a", "b", "c"].map(agent);
    let waiting: Vec<_> = ["1", "2", "3", "4"].map(|id| ticket(id, Priority::Normal)).into();
    assert_eq!(pairs(&assign(&agents, &waiting, &Rules::default(), noon())), [("1", "a"), ("2", "b"), ("3", "c"), ("4", "a")]);
}

#[test]
fn the_ends_of_time_and_the_heaviest_weights_are_no_trouble() {
    let most = u16::MAX;
    let weights =
        Weights { priority: most, deadline: most, age: most, skill: most, language: most, spare: most, sticky: most, leaving: most };
    let rules = Rules { is_sticky: true, weights, ..Rules::default() };
    let ends = [DateTime::<Utc>::MIN_UTC, noon(), DateTime::<Utc>::MAX_UTC];
    for (now, end) in ends.into_iter().flat_map(|now| ends.map(|end| (now, end))) {
        let agent = Agent { capacity: u32::MAX, leaves_at: Some(end), out_until: Some(end), ..agent("a") };
        let waiting = Waiting { due: Some(end), since: end, ..ticket("t", Priority::Critical) };
        let plan = assign(&[agent], &[waiting], &rules, now);
        assert_eq!(plan.assignments.len() + plan.left.len(), 1);
    }
}

#[test]
fn rules_are_read_with_their_defaults_and_strange_ones_refused() {
    let read = |text: &str| serde_json::from_str::<Rules>(text);
    assert_eq!(read("{}").unwrap(), Rules::default());
    let rules = read(r#"{"is_sticky": true, "skill": "strict", "weights": {"age": 0}}"#).unwrap();
    assert_eq!((rules.is_sticky, rules.skill, rules.weights.age, rules.weights.skill), (true, Need::Strict, 0, 60));
    for strange in [r#"{"skills": "strict"}"#, r#"{"weights": {"age": -1}}"#, r#"{"weights": {"luck": 1}}"#, r#"{"skill": "loose"}"#] {
        assert!(read(strict_json(strange)).is_err(), "{strange}");
    }
}

fn strict_json(text: &str) -> &str {
    assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "only the meaning is strange");
    text
}

fn moments() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    prop::option::of((-90i64..90).prop_map(after))
}

fn any_agents(most: usize) -> impl Strategy<Value = Vec<Agent>> {
    let presence = prop_oneof![4 => Just(Presence::Online), 1 => Just(Presence::Away), 1 => Just(Presence::Offline)];
    let time = (
        prop::bool::weighted(0.8),
        prop::option::weighted(0.3, (-30i64..90).prop_map(after)),
        prop::option::weighted(0.2, (-30i64..30).prop_map(after)),
    );
    let skills = (subsequence(CATEGORIES.to_vec(), 0..=3), subsequence(LANGUAGES.to_vec(), 0..=2));
    let one = (select(TEAMS.to_vec()), skills, 0u32..4, 0u32..3, presence, time);
    prop::collection::vec(one, 0..=most).prop_map(|all| {
        let made = all.into_iter().enumerate().map(
            |(n, (team, (skills, languages), capacity, load, presence, (is_working, leaves_at, out_until)))| Agent {
                id: format!("a{n}"),
                team: team.into(),
                skills: words(&skills),
                languages: words(&languages),
                capacity,
                load,
                presence,
                is_working,
                leaves_at,
                out_until,
            },
        );
        made.collect()
    })
}

fn any_tickets(most: usize) -> impl Strategy<Value = Vec<Waiting>> {
    let who = || prop::option::weighted(0.3, (0..6).prop_map(|n| format!("a{n}")));
    let what = (select(CATEGORIES.to_vec()), select(LANGUAGES.to_vec()), select(Priority::ALL.to_vec()));
    let one = (what, moments(), -3000i64..30, prop::option::weighted(0.3, select(TEAMS.to_vec())), who(), who());
    prop::collection::vec(one, 0..=most).prop_map(|all| {
        let made =
            all.into_iter().enumerate().map(|(n, ((category, language, priority), due, since, team, last_agent, refused))| Waiting {
                ticket: format!("t{n}"),
                category: category.into(),
                language: language.into(),
                priority,
                due,
                since: after(since),
                team: team.map(Into::into),
                last_agent,
                refused: refused.into_iter().collect(),
            });
        made.collect()
    })
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let need = || select(vec![Need::Strict, Need::Preferred]);
    (any::<bool>(), need(), need()).prop_map(|(is_sticky, skill, language)| Rules { is_sticky, skill, language, ..Rules::default() })
}

/// The slow and obvious way: every ticket tries every agent or none, and the best of all outcomes is kept. An outcome is better if the first ticket
/// that only one of the two serves is its own, and else if its points are more.
fn best_by_trying(agents: &[Agent], queue: &[&Waiting], rules: &Rules) -> (Vec<bool>, i64) {
    fn go(agents: &[Agent], queue: &[&Waiting], rules: &Rules, taken: &mut BTreeMap<usize, u32>) -> (Vec<bool>, i64) {
        let Some((ticket, rest)) = queue.split_first() else { return (vec![], 0) };
        let mut best = {
            let (mut served, points) = go(agents, rest, rules, taken);
            served.insert(0, false);
            (served, points)
        };
        for (place, agent) in agents.iter().enumerate() {
            let before = taken.get(&place).copied().unwrap_or(0);
            if obstacle(agent, ticket, rules, noon()).is_some() || agent.load + before >= agent.capacity {
                continue;
            }
            taken.insert(place, before + 1);
            let (mut served, rest) = go(agents, rest, rules, taken);
            taken.insert(place, before);
            served.insert(0, true);
            let own: i64 = points(agent, ticket, rules, noon()).iter().map(|reason| reason.points).sum();
            best = best.max((served, rest + own + spare_points(agent, before, rules)));
        }
        best
    }
    go(agents, queue, rules, &mut BTreeMap::new())
}

proptest! {
    #[test]
    fn only_who_is_there_and_has_room_gets_tickets_and_each_ticket_goes_once(agents in any_agents(6), waiting in any_tickets(12), rules in any_rules()) {
        let plan = assign(&agents, &waiting, &rules, noon());
        let mut held: BTreeMap<&str, u32> = BTreeMap::new();
        for it in &plan.assignments {
            let agent = agents.iter().find(|agent| agent.id == it.agent).unwrap();
            let ticket = waiting.iter().find(|waiting| waiting.ticket == it.ticket).unwrap();
            prop_assert!(agent.presence == Presence::Online && agent.is_working);
            prop_assert!(agent.out_until.is_none_or(|until| until <= noon()) && agent.leaves_at.is_none_or(|leaves| leaves > noon()));
            prop_assert!(!ticket.refused.contains(&agent.id));
            prop_assert!(ticket.team.is_none() || ticket.team.as_deref() == Some(agent.team.as_str()));
            prop_assert!(rules.skill == Need::Preferred || agent.skills.contains(&ticket.category));
            prop_assert!(rules.language == Need::Preferred || agent.languages.contains(&ticket.language));
            *held.entry(&agent.id).or_default() += 1;
            prop_assert!(agent.load + held[agent.id.as_str()] <= agent.capacity);
            prop_assert_eq!(it.score, it.reasons.iter().map(|reason| reason.points).sum::<i64>());
        }
        let named: BTreeSet<_> = plan.assignments.iter().map(|it| &it.ticket).chain(plan.left.iter().map(|left| &left.ticket)).collect();
        prop_assert_eq!(named.len(), waiting.len());
        prop_assert_eq!(plan.assignments.len() + plan.left.len(), waiting.len());
    }

    #[test]
    fn the_plan_is_the_best_of_all_that_there_are(agents in any_agents(4), waiting in any_tickets(5), rules in any_rules()) {
        let plan = assign(&agents, &waiting, &rules, noon());
        let total = |it: &Waiting| urgency(it, &rules, noon()).iter().map(|reason| reason.points).sum::<i64>();
        let mut queue: Vec<&Waiting> = waiting.iter().collect();
        queue.sort_by_key(|it| (-total(it), it.since, &it.ticket));
        let served: Vec<bool> = queue.iter().map(|it| plan.assignments.iter().any(|done| done.ticket == it.ticket)).collect();
        let is_fit = |reason: &&Reason| !matches!(reason.kind, Kind::Priority | Kind::Deadline | Kind::Age);
        let points: i64 = plan.assignments.iter().flat_map(|it| &it.reasons).filter(is_fit).map(|reason| reason.points).sum();
        prop_assert_eq!((served, points), best_by_trying(&agents, &queue, &rules));
    }

    #[test]
    fn the_order_of_what_is_given_changes_nothing(
        (agents, mixed) in any_agents(6).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        (waiting, stirred) in any_tickets(12).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        rules in any_rules(),
    ) {
        let plan = assign(&agents, &waiting, &rules, noon());
        prop_assert_eq!(&assign(&mixed, &stirred, &rules, noon()), &plan);
        // What is given twice counts once.
        let (agents, waiting) = ([agents, mixed].concat(), [waiting, stirred].concat());
        prop_assert_eq!(&assign(&agents, &waiting, &rules, noon()), &plan);
    }

    #[test]
    fn another_agent_never_leaves_more_tickets(agents in any_agents(6), waiting in any_tickets(12), rules in any_rules()) {
        let mut fewest = waiting.len();
        for count in 0..=agents.len() {
            let left = assign(&agents[..count], &waiting, &rules, noon()).left.len();
            prop_assert!(left <= fewest, "{left} with {count} agents, {fewest} without the last");
            fewest = left;
        }
    }

    /// Twice as much arrives as is answered, all of it more important and soon due. After ninety hours an age outweighs what can be more about another
    /// ticket: 600 for its priority and 300 for its deadline, at 10 an hour. So only what came in that time goes before, and that is answered in twice
    /// that time.
    #[test]
    fn no_ticket_starves(priorities in prop::collection::vec(select(Priority::ALL[1..].to_vec()), 200)) {
        let one = Agent { capacity: 1, ..agent("a") };
        let mut waiting = vec![ticket("least", Priority::Low)];
        let mut answered = None;
        for (step, two) in priorities.chunks(2).enumerate() {
            let now = noon() + TimeDelta::hours(2 * step as i64);
            for (n, priority) in two.iter().enumerate() {
                waiting.push(Waiting { since: now, due: Some(now + TimeDelta::minutes(30)), ..ticket(&format!("{step} {n}"), *priority) });
            }
            let plan = assign(std::slice::from_ref(&one), &waiting, &Rules::default(), now);
            prop_assert_eq!(plan.assignments.len(), 1);
            let at = waiting.iter().position(|it| it.ticket == plan.assignments[0].ticket).unwrap();
            let served = waiting.swap_remove(at);
            if served.ticket == "least" {
                answered = Some(now);
                break;
            }
            prop_assert!(served.since - noon() <= TimeDelta::hours(90), "{served:?}");
        }
        prop_assert!(answered.is_some_and(|at| at - noon() <= TimeDelta::hours(180)), "{answered:?}");
    }

    #[test]
    fn a_ticket_that_nobody_replies_to_changes_hands_so_often_and_no_more(count in 1usize..6, most in 0u32..5) {
        let agents: Vec<Agent> = (0..count).map(|n| agent(&format!("a{n}"))).collect();
        let patience = Patience { minutes: 10, most };
        let mut waiting = ticket("t", Priority::High);
        let mut hands = Vec::new();
        let (mut assigned_at, mut is_told) = (None, false);
        for minute in 0..200 {
            let now = after(minute);
            match assigned_at {
                None => {
                    let plan = assign(&agents, std::slice::from_ref(&waiting), &Rules::default(), now);
                    if let Some(done) = plan.assignments.first() {
                        hands.push(done.agent.clone());
                        assigned_at = Some(now);
                    } else {
                        prop_assert_eq!(plan.left[0].why, Why::AllRefused);
                    }
                }
                Some(since) => match patience.next(since, None, waiting.refused.len(), now, |from, to| to - from) {
                    Next::Keep => (),
                    Next::Reassign => {
                        waiting.refused.push(hands.last().unwrap().clone());
                        assigned_at = None;
                    }
                    Next::TellLead => is_told = true,
                },
            }
        }
        prop_assert_eq!(hands.len(), count.min(most as usize + 1));
        prop_assert_eq!(hands.iter().collect::<BTreeSet<_>>().len(), hands.len(), "nobody has it twice");
        prop_assert_eq!(is_told, count > most as usize);
    }
}

#[track_caller]
fn check_patience(last_reply: Option<i64>, now: i64, refused: usize, expect: Next) {
    // Open until a quarter past, and again from three quarters past.
    let open = |from: DateTime<Utc>, to: DateTime<Utc>| {
        let shut = (to.min(after(45)) - from.max(after(15))).max(TimeDelta::zero());
        to - from - shut
    };
    let patience = Patience { minutes: 20, most: 2 };
    assert_eq!(patience.next(noon(), last_reply.map(after), refused, after(now), open), expect);
}

#[test]
fn chatwoot_14508_who_does_not_reply_loses_the_ticket_on_open_time() {
    check_patience(None, 0, 0, Next::Keep);
    check_patience(None, 15, 0, Next::Keep);
    check_patience(None, 45, 0, Next::Keep);
    check_patience(None, 49, 1, Next::Keep);
    check_patience(None, 50, 0, Next::Reassign);
    check_patience(None, 50, 1, Next::Reassign);
    check_patience(None, 50, 2, Next::TellLead);
    check_patience(Some(3), 50, 0, Next::Keep);
    check_patience(Some(0), 50, 0, Next::Keep);
    check_patience(Some(-1), 50, 0, Next::Reassign);
    check_patience(None, -100, 0, Next::Keep);
}
