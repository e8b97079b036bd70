//! Who did one thing after another, counted by the function and by trying every way.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use http::StatusCode;
use orilla_core::sites::Kind;
use orilla_core::sql::Statement;
use orilla_native::testing::Call;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::history::{Told, histories, tell};
use crate::support::{OTHER, SITE, Shore, at, track};

const SPAN: &str = "from=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z";

fn timed(id: &str, who: &str, name: &str, timestamp: &str, properties: Json) -> Json {
    let mut event = track(id, who, name);
    event["timestamp"] = timestamp.into();
    event["properties"] = properties;
    event
}

fn people(steps: &Json) -> Vec<i64> {
    steps.as_array().unwrap().iter().map(|step| step["people"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn people_are_counted_by_how_far_they_came() {
    let shore = Shore::new().await;
    shore
        .batch(json!([
            timed("a1", "a", "Tour", "2026-03-02T08:00:00Z", json!({ "plan": "pro" })),
            timed("a2", "a", "Signup", "2026-03-02T08:00:30Z", json!({})),
            timed("a3", "a", "Pay", "2026-03-02T08:01:00Z", json!({})),
            timed("b1", "b", "Tour", "2026-03-02T08:00:00Z", json!({ "plan": "free" })),
            timed("b2", "b", "Signup", "2026-03-02T08:01:30Z", json!({})),
            timed("c1", "c", "Signup", "2026-03-02T08:00:00Z", json!({})),
            timed("c2", "c", "Tour", "2026-03-02T08:00:10Z", json!({ "plan": "pro" })),
        ]))
        .await;
    let funnel = shore.ask("/v1/funnels?steps=Tour&steps=Signup&steps=Pay&by=property:plan").await;
    assert_eq!((&funnel["people"], &funnel["sampled"], &funnel["window_s"]), (&json!(3), &json!(false), &json!(604_800)));
    let steps = json!([
        { "step": "Tour", "people": 3, "of_first": 1.0, "of_previous": 1.0, "median_s": null },
        { "step": "Signup", "people": 2, "of_first": 0.6667, "of_previous": 0.6667, "median_s": 60.0 },
        { "step": "Pay", "people": 1, "of_first": 0.3333, "of_previous": 0.5, "median_s": 30.0 },
    ]);
    assert_eq!(funnel["steps"], steps);
    let groups: Vec<_> =
        funnel["groups"].as_array().unwrap().iter().map(|group| (group["name"].clone(), people(&group["steps"]))).collect();
    assert_eq!(groups, [(json!("pro"), vec![2, 1, 1]), (json!("free"), vec![1, 1, 0])]);
    assert_eq!(funnel["groups_left_out"], 0);
    let short = shore.ask("/v1/funnels?steps=Tour&steps=Signup&steps=Pay&by=property:plan&limit=1&window=1m").await;
    assert_eq!((people(&short["steps"]), &short["groups_left_out"]), (vec![3, 1, 1], &json!(1)));
}

#[tokio::test]
async fn pages_are_steps_and_visits_break_down() {
    let shore = Shore::new().await;
    let view = |id: &str, who: &str, path: &str| json!({ "type": "page", "messageId": id, "anonymousId": who, "properties": { "url": format!("https://marea.example{path}") } });
    shore
        .batch(json!([
            view("m1", "a", "/?utm_source=news"),
            view("m2", "a", "/precios"),
            track("m3", "a", "Signup"),
            view("m4", "b", "/"),
            view("m5", "b", "/precios/a"),
        ]))
        .await;
    let steps = "steps=page:/&steps=page:/precios&steps=Signup";
    let funnel = shore.ask(&format!("/v1/funnels?{steps}&by=source")).await;
    assert_eq!(people(&funnel["steps"]), [2, 1, 1]);
    let groups: Vec<_> =
        funnel["groups"].as_array().unwrap().iter().map(|group| (group["name"].clone(), people(&group["steps"]))).collect();
    assert_eq!(groups, [(json!(""), vec![1, 0, 0]), (json!("news"), vec![1, 1, 1])]);
    let exposure = "INSERT INTO exposures (site_id, experiment, visitor_id, variant, exposed_at) VALUES (?1, 'demo', 'a', 'short', 0)";
    shore.host.rows(Statement::new(exposure).bind(SITE)).await;
    let funnel = shore.ask(&format!("/v1/funnels?{steps}&by=variant:demo")).await;
    let names: Vec<_> = funnel["groups"].as_array().unwrap().iter().map(|group| group["name"].clone()).collect();
    assert_eq!(names, [Json::Null, json!("short")]);
}

#[tokio::test]
async fn a_person_is_one_on_two_devices() {
    let shore = Shore::new().await;
    shore.batch(json!([track("m1", "phone", "Tour")])).await;
    for (id, who) in [("m2", "phone"), ("m3", "desk")] {
        shore.batch(json!([{ "type": "identify", "messageId": id, "anonymousId": who, "userId": "7" }])).await;
    }
    shore.host.manual_clock().advance(std::time::Duration::from_secs(60));
    shore.batch(json!([track("m4", "desk", "Signup")])).await;
    let funnel = shore.ask("/v1/funnels?steps=Tour&steps=Signup").await;
    assert_eq!(people(&funnel["steps"]), [1, 1]);
}

#[tokio::test]
async fn events_of_one_moment_keep_their_order() {
    let shore = Shore::new().await;
    let at = "2026-03-02T08:00:00Z";
    shore
        .batch(json!([
            timed("a1", "a", "First", at, json!({})),
            timed("a2", "a", "Second", at, json!({})),
            timed("b1", "b", "Second", at, json!({})),
            timed("b2", "b", "First", at, json!({})),
        ]))
        .await;
    assert_eq!(people(&shore.ask("/v1/funnels?steps=First&steps=Second").await["steps"]), [2, 1]);
}

/// PostHog issue 98250, seen from the funnel: a request that stalled changes nothing.
#[tokio::test]
async fn a_stalled_request_leaves_a_funnel_unchanged() {
    let shore = Shore::new().await;
    let send = async |now: &str, sent: &str, event: Json| {
        shore.host.manual_clock().set(at(now));
        let reply = shore.send(shore.call("/v1/batch").json(&json!({ "sentAt": sent, "batch": [event] }))).await;
        assert_eq!(reply.json()["accepted"], 1);
    };
    send("2026-03-02T09:00:40Z", "2026-03-02T09:00:30Z", timed("m2", "v", "Second", "2026-03-02T09:00:20Z", json!({}))).await;
    send("2026-03-02T09:00:47Z", "2026-03-02T09:00:15Z", timed("m1", "v", "First", "2026-03-02T09:00:10Z", json!({}))).await;
    let funnel = shore.ask("/v1/funnels?steps=First&steps=Second").await;
    assert_eq!((people(&funnel["steps"]), &funnel["steps"][1]["median_s"]), (vec![1, 1], &json!(10.0)));
}

#[tokio::test]
async fn more_people_than_one_statement_reads_are_all_counted() {
    let shore = Shore::new().await;
    let insert = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40010) \
         INSERT INTO events (site_id, source, message_id, type, name, visitor_id, person_id, session_id, sequence, occurred_at, received_at, \
           properties, context) SELECT ?1, 't', i, 'track', iif(i % 2, 'A', 'B'), 'v', 'p' || ((i + 1) / 2), 's', i, ?2, ?2, '{}', '{}' FROM n";
    shore.host.rows(Statement::new(insert).bind(SITE).bind(at("2026-03-01T10:00:00Z"))).await;
    assert_eq!(people(&shore.ask("/v1/funnels?steps=A&steps=B").await["steps"]), [20_005, 20_005]);
}

#[tokio::test]
async fn sites_are_apart_and_bad_questions_are_refused() {
    let shore = Shore::new().await;
    shore.batch(json!([track("m1", "a", "Tour"), track("m2", "a", "Signup")])).await;
    shore.site(OTHER, &json!({})).await;
    let other = shore.key(OTHER, Kind::Read).await;
    let reply = shore.send(Call::get("/v1/funnels?steps=Tour&steps=Signup").key(&other)).await;
    assert_eq!(people(&reply.json()["steps"]), [0, 0]);
    for key in [&shore.write, "guess"] {
        assert!(matches!(
            shore.send(Call::get("/v1/funnels?steps=A&steps=B").key(key)).await.status,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
        ));
    }
    let nine = "&steps=A".repeat(9);
    for query in [
        "",
        "steps=A",
        "steps=A&steps=",
        "steps=A&steps=page:",
        "steps=A&steps=page:x",
        nine.as_str(),
        "steps=A&steps=B&window=soon",
        "steps=A&steps=B&window=0d",
        "steps=A&steps=B&window=9999w",
        "steps=A&steps=B&by=plan",
        "steps=A&steps=B&by=property:",
        "steps=A&steps=B&limit=0",
        "steps=A&steps=B&from=yesterday",
        "steps=A&steps=B&from=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z",
    ] {
        shore.refuses(&format!("/v1/funnels?{query}")).await;
    }
    for odd in ["by=property:%22%5B%24.%00", "by=property:a%27b", "by=variant:%27"] {
        shore.ask(&format!("/v1/funnels?steps=Tour&steps=A%27%3B--&{odd}")).await;
    }
}

/// Every way through the steps from one start: the longest, and of those the one whose steps come earliest.
fn ways(events: &[&Told], steps: &[&str], way: &[&Told], window: TimeDelta) -> Vec<i64> {
    let times: Vec<_> = way.iter().map(|told| told.at.timestamp_millis()).collect();
    let Some(step) = steps.get(way.len()) else { return times };
    let last = way.last().unwrap();
    let follows =
        |told: &&&Told| told.name == *step && (told.at, told.sequence) > (last.at, last.sequence) && told.at - way[0].at <= window;
    let further = events.iter().filter(follows).map(|next| ways(events, steps, &[way, &[*next]].concat(), window));
    further.chain([times]).max_by_key(|times| (times.len(), times.iter().map(|time| -time).collect::<Vec<_>>())).unwrap()
}

fn middle(mut gaps: Vec<i64>) -> Option<f64> {
    gaps.sort_unstable();
    let (lower, upper) = (gaps.len().checked_sub(1)? / 2, gaps.len() / 2);
    Some((gaps[lower] + gaps[upper]) as f64 / 2000.0)
}

type Counted = (Vec<i64>, Vec<Option<f64>>, BTreeMap<Option<String>, Vec<i64>>);

fn by_hand(history: &[Told], steps: &[&str], window: TimeDelta) -> Counted {
    let (from, until) = (at("2026-03-01T00:00:00Z"), at("2026-04-01T00:00:00Z"));
    let (mut reached, mut gaps, mut groups) = (vec![0; steps.len()], vec![vec![]; steps.len() - 1], BTreeMap::new());
    for person in 0..4 {
        let events: Vec<_> = history.iter().filter(|told| told.person == person).collect();
        let starts = events.iter().filter(|told| told.name == steps[0] && told.at >= from && told.at < until);
        let found = starts.map(|start| (ways(&events, steps, &[*start], window), *start));
        // The longest; of those the first; of events at one moment without an order the one that sorts first.
        let best = found.min_by_key(|(times, start)| (usize::MAX - times.len(), start.at, start.sequence));
        let Some((times, start)) = best else { continue };
        let same = events
            .iter()
            .any(|told| told.name == start.name && (told.at, told.sequence) == (start.at, start.sequence) && told.plan != start.plan);
        let group: &mut Vec<i64> =
            groups.entry(if same { Some("?".to_owned()) } else { start.plan.map(str::to_owned) }).or_insert_with(|| vec![0; steps.len()]);
        for place in 0..times.len() {
            reached[place] += 1;
            group[place] += 1;
        }
        times.windows(2).zip(&mut gaps).for_each(|(pair, gaps)| gaps.push(pair[1] - pair[0]));
    }
    (reached, gaps.into_iter().map(middle).collect(), groups)
}

fn given(funnel: &Json) -> Counted {
    let medians = funnel["steps"].as_array().unwrap().iter().skip(1).map(|step| step["median_s"].as_f64()).collect();
    let groups = funnel["groups"].as_array().unwrap().iter();
    let groups = groups.map(|group| (group["name"].as_str().map(str::to_owned), people(&group["steps"]))).collect();
    (people(&funnel["steps"]), medians, groups)
}

#[test]
fn every_history_is_counted_as_by_hand() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let shore = runtime.block_on(Shore::new());
    let steps = prop::collection::vec(prop::sample::select(vec!["A", "B", "C", "/x", "/y"]), 2..5);
    let strategy = (histories("2026-03-31T08:00:00Z", TimeDelta::hours(4), 24), steps, 1..30i64);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(200));
    let outcome = runner.run(&strategy, |(history, steps, hours)| {
        let funnel = runtime.block_on(async {
            tell(&shore, SITE, &history).await;
            let named = |step: &&str| if step.starts_with('/') { format!("steps=page:{step}") } else { format!("steps={step}") };
            let steps: Vec<_> = steps.iter().map(named).collect();
            shore.ask(&format!("/v1/funnels?{}&window={hours}h&{SPAN}&by=property:plan", steps.join("&"))).await
        });
        let (reached, medians, groups) = by_hand(&history, &steps, TimeDelta::hours(hours));
        let (reached_here, medians_here, groups_here) = given(&funnel);
        prop_assert_eq!(&reached_here, &reached);
        prop_assert_eq!(medians_here, medians);
        if !groups.contains_key(&Some("?".to_owned())) {
            prop_assert_eq!(groups_here, groups);
        }
        Ok(())
    });
    outcome.unwrap();
}
