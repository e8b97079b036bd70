//! Cross-site and key-role tests of every route of every function, from the functions' own tables of routes: a route without an example
//! here fails by its name.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up should stop there")]

mod backup;
mod content_score_routes;
mod example;
mod faq_chat_routes;
mod lead_capture_routes;
mod ticket_route_routes;
mod track_events_routes;
mod world;

use std::collections::BTreeSet;

use orilla_core::router::Access;
use orilla_native::testing::{Call, Reply};

use crate::example::{Door, Example};
use crate::world::{OPERATOR, Row, Site, World, changes, rows};

/// A valid request for a route, about things of one site, by a caller who may be another's.
fn example(row: &Row, of: &Site, by: &Site) -> Option<Example> {
    let name = row.name();
    match row.function {
        "lead-capture" => lead_capture_routes::example(&name, of, by),
        "track-events" => track_events_routes::example(&name, of, by),
        "faq-chat" => faq_chat_routes::example(&name, of, by),
        "ticket-route" => ticket_route_routes::example(&name, of, by),
        "content-score" => content_score_routes::example(&name, of, by),
        _ => None,
    }
}

/// The strongest key that a site can show at a door.
fn shown<'s>(row: &Row, door: Door, by: &'s Site) -> Option<&'s str> {
    match (door, row.access) {
        (Door::SecretKey, Access::Read) => Some(&by.read),
        (Door::SecretKey, _) => Some(&by.admin),
        (Door::WriteKey | Door::Name, _) => Some(&by.write),
        (Door::KeyInside | Door::Secret, _) => None,
    }
}

fn with_key(call: Call, key: Option<&str>) -> Call {
    match key.filter(|key| !key.is_empty()) {
        Some(key) => call.key(key),
        None => call,
    }
}

/// Everything that went wrong, told at once.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn expect(&mut self, what: &str, row: &Row, is_fine: bool, reply: &Reply) {
        if !is_fine {
            let text: String = reply.text().chars().take(300).collect();
            self.0.push(format!("{what}: {} {} answered {} {text}", row.function, row.name(), reply.status.as_u16()));
        }
    }

    fn expect_none(&mut self, what: &str, row: &Row, found: &[String]) {
        if !found.is_empty() {
            let shown: String = found.join("\n    ").chars().take(300).collect();
            self.0.push(format!("{what}: {} {}\n    {shown}", row.function, row.name()));
        }
    }
}

impl Drop for Findings {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "{} findings:\n{}", self.0.len(), self.0.join("\n"));
        }
    }
}

#[test]
fn every_function_is_in_this_test() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../functions");
    let folders: BTreeSet<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let tested: BTreeSet<_> = rows().iter().map(|row| row.function.to_owned()).collect();
    assert_eq!(folders, tested, "left the folders, right the tables of routes that are tested");
}

#[test]
fn every_route_has_an_example_and_every_example_a_route() {
    let site = Site::default();
    let missing: Vec<_> =
        rows().iter().filter(|row| example(row, &site, &site).is_none()).map(|row| format!("{} {}", row.function, row.name())).collect();
    assert!(missing.is_empty(), "no example of a valid request for {missing:?}");
}

#[tokio::test]
async fn without_the_right_key_every_route_is_closed_and_nothing_changes() {
    let world = World::new().await;
    let (one, other, nobody) = (&world.one, &world.other, world.one.nobody());
    let mut findings = Findings::default();
    let before = world.picture(None).await;
    for row in rows() {
        let (valid, keyless) = (example(&row, one, one).unwrap(), example(&row, one, &nobody).unwrap());
        let valid = || valid.call(&row.method);
        let mut tries = Vec::new();
        match (keyless.door, row.access) {
            (Door::Name, _) => {}
            (Door::Secret, _) => tries.push(("with a forged secret", keyless.call(&row.method), vec![keyless.foreign])),
            (Door::KeyInside, _) => tries.push(("without a key", keyless.call(&row.method), vec![400, 401, 404])),
            (Door::WriteKey | Door::SecretKey, _) => tries.push(("without a key", valid(), vec![401])),
        }
        if matches!(keyless.door, Door::WriteKey | Door::Name | Door::SecretKey) {
            tries.push(("with a key that nobody issued", valid().key("orl_admin_guess"), vec![401]));
        }
        if matches!(keyless.door, Door::WriteKey | Door::SecretKey) {
            tries.push(("with an empty key", valid().key(""), vec![401]));
        }
        match row.access {
            Access::Public => assert_ne!(keyless.door, Door::SecretKey, "{}", row.name()),
            Access::Read => tries.push(("with a write key", valid().key(&one.write), vec![403])),
            Access::Admin | Access::Operator => {
                tries.push(("with a write key", valid().key(&one.write), vec![403]));
                tries.push(("with a read key", valid().key(&one.read), vec![403]));
            }
        }
        if row.access == Access::Operator {
            tries.push(("with another site's admin key", valid().key(&other.admin), vec![403]));
            if OPERATOR_ALONE.contains(&row.path) {
                tries.push(("with the site's own admin key", valid().key(&one.admin), vec![403]));
            }
        }
        for (what, call, wanted) in tries {
            let reply = world.send(row.function, call).await;
            findings.expect(what, &row, wanted.contains(&reply.status.as_u16()), &reply);
            if !reply.status.is_success() {
                findings.expect_none(&format!("{what} it told"), &row, &one.traces(&valid_words(&row, one), &reply));
            }
        }
        if world.is_written().await {
            findings.expect_none("refused, it changed", &row, &changes(&before, &world.picture(None).await));
        }
    }
}

fn valid_words(row: &Row, site: &Site) -> String {
    example(row, site, site).unwrap().words().into_owned()
}

#[tokio::test]
async fn another_site_sees_and_changes_nothing_by_any_route() {
    let world = World::new().await;
    let (one, other) = (&world.one, &world.other);
    let mut findings = Findings::default();
    let before = world.picture(Some(one)).await;
    for row in rows() {
        let asked = example(&row, one, other).unwrap();
        let own = || [200, 201, 202, 204].contains(&asked.foreign);
        let mut keys = vec![shown(&row, asked.door, other)];
        if asked.door == Door::SecretKey || asked.door == Door::WriteKey {
            keys.push(Some(&other.admin));
        }
        keys.dedup();
        for key in keys {
            let reply = world.send(row.function, with_key(asked.call(&row.method), key)).await;
            let is_fine = if own() { reply.status.is_success() } else { reply.status.as_u16() == asked.foreign };
            // What its own site cannot have either is no secret of the other's.
            findings.expect("another site", &row, is_fine || asked.own == Some(reply.status.as_u16()), &reply);
            findings.expect_none("another site was told", &row, &one.traces(&asked.words(), &reply));
            if world.is_written().await {
                findings.expect_none("another site changed", &row, &changes(&before, &world.picture(Some(one)).await));
                world.restore().await;
                world.is_written().await;
            }
        }
    }
}

#[tokio::test]
async fn a_page_of_another_site_is_turned_away_by_every_public_route() {
    let world = World::new().await;
    let (one, other) = (&world.one, &world.other);
    let mut findings = Findings::default();
    let before = world.picture(None).await;
    for row in rows().iter().filter(|row| row.access == Access::Public) {
        let asked = example(row, one, one).unwrap();
        // A signed link is opened from anywhere, and what a client is told before it sends is nothing of the site's.
        if asked.door == Door::Secret || track_events_routes::TELLS_NOTHING.contains(&row.name().as_str()) {
            continue;
        }
        let call = with_key(asked.call(&row.method), shown(row, asked.door, one)).header("origin", &other.origin);
        let reply = world.send(row.function, call).await;
        findings.expect("from another site's page", row, reply.status.as_u16() == 403, &reply);
        findings.expect_none("another site's page was told", row, &one.traces(&asked.words(), &reply));
        let preflight = Call::new(http::Method::OPTIONS, asked.uri.clone()).header("origin", &other.origin);
        let preflight = preflight.header("access-control-request-method", row.method.as_str());
        world.send(row.function, preflight).await;
        if world.is_written().await {
            findings.expect_none("another site's page changed", row, &changes(&before, &world.picture(None).await));
        }
    }
}

/// The control of the others: each example is one that its own site gets what it asks for by.
#[tokio::test]
async fn the_right_key_opens_every_route_and_touches_no_other_site() {
    let world = World::new().await;
    let (one, other) = (&world.one, &world.other);
    let mut findings = Findings::default();
    let before = world.picture(Some(other)).await;
    let (mut told, mut writing) = (0, 0);
    assert_eq!(world.personal_in_log(), Vec::<String>::new(), "logged while both sites were filled");
    for row in rows() {
        let asked = example(&row, one, one).unwrap();
        let key = if row.access == Access::Operator { Some(OPERATOR) } else { shown(&row, asked.door, one) };
        let reply = world.send(row.function, with_key(asked.call(&row.method), key)).await;
        let is_fine = asked.own.map_or(reply.status.is_success() || reply.status.is_redirection(), |own| reply.status.as_u16() == own);
        findings.expect("its own site", &row, is_fine, &reply);
        told += usize::from(!one.traces(&asked.words(), &reply).is_empty());
        findings.expect_none("its own site was told another's", &row, &other.traces(&asked.words(), &reply));
        findings.expect_none("of its people was logged", &row, &world.personal_in_log());
        if world.is_written().await {
            writing += 1;
            findings.expect_none("its own site changed another", &row, &changes(&before, &world.picture(Some(other)).await));
            world.restore().await;
            world.is_written().await;
        }
    }
    assert!(writing > 60, "{writing} routes wrote something only: the other tests would not see it");
    assert!(told > 30, "the words to look for stand in {told} answers only: the other tests look for nothing");
    let empty: Vec<_> = before.iter().filter(|(_, rows)| rows.is_empty()).map(|(table, _)| table.as_str()).collect();
    assert!(empty.iter().all(|table| NOT_FILLED.contains(table)), "nothing of the sites stands in {empty:?}");
}

/// What no key of a site opens: it holds secrets that nobody is shown twice.
const OPERATOR_ALONE: [&str; 2] = ["/v1/backup", "/v1/sites/{site}/restore"];

/// Tables that no request of the seeds fills: what is learnt, erased, confirmed or used up.
const NOT_FILLED: [&str; 7] =
    ["confirmations", "erasures", "generator_usage", "suppressions", "ticket_heads", "ticket_lessons", "ticket_origins"];
