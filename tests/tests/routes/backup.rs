//! A site's backup, restored on another host: equal row by row, once, held back until somebody says so; and what is no backup is refused.

use std::collections::BTreeSet;

use http::StatusCode;
use lead_capture::LeadCapture;
use lead_capture::backup::tables::{LEFT_OUT, SCHEMA, TABLES};
use orilla_core::sql::Statement;
use orilla_native::MIGRATIONS;
use orilla_native::testing::{Call, Reply, SqlFault, TestHost};
use serde_json::{Value as Json, json};

use crate::world::{OPERATOR, Picture, Site, World, changes};

impl World {
    async fn backup(&self, site: &Site) -> Reply {
        self.send("lead-capture", Call::get(format!("/v1/backup?site={}", site.id)).key(OPERATOR)).await
    }

    async fn restore_part(&self, site: &Site, lines: &[String]) -> Reply {
        let call = Call::post(format!("/v1/sites/{}/restore", site.id)).key(OPERATOR).header("content-type", "application/x-ndjson");
        self.send("lead-capture", call.body(lines.join("\n"))).await
    }

    /// Sends a backup in parts of some lines; gives how many rows were written.
    async fn restore_all(&self, site: &Site, backup: &str) -> u64 {
        let lines: Vec<String> = backup.lines().map(str::to_owned).collect();
        let mut written = 0;
        for part in lines[1..lines.len() - 1].chunks(7) {
            let reply = self.restore_part(site, &[&lines[..1], part].concat()).await;
            assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
            written += reply.json()["rows"].as_object().unwrap().values().map(|count| count["written"].as_u64().unwrap()).sum::<u64>();
        }
        written
    }
}

fn last_line(reply: &Reply) -> Json {
    serde_json::from_str(reply.text().lines().last().unwrap()).unwrap()
}

/// Without what a restored copy holds back or makes anew.
fn but_for(mut picture: Picture, tables: &[&str]) -> Picture {
    picture.retain(|table, _| !tables.contains(&table.as_str()));
    picture
}

#[test]
fn every_table_of_a_site_is_in_its_backup_or_left_out_for_a_reason() {
    let mut found = BTreeSet::new();
    for (name, script) in MIGRATIONS {
        for statement in script.split("CREATE TABLE IF NOT EXISTS ").skip(1) {
            let table = statement.split_whitespace().next().unwrap();
            if table == "sites" || statement.split(");").next().unwrap().contains("site_id TEXT NOT NULL") {
                assert!(found.insert(table), "{name} makes {table} again");
            }
        }
    }
    let listed: Vec<_> = TABLES.iter().map(|table| table.name).chain(LEFT_OUT.iter().map(|(table, _)| *table)).collect();
    assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), found, "left backup/tables.rs, right the migrations");
    assert_eq!(listed.len(), found.len(), "a table stands twice in backup/tables.rs");
    let (last, _) = MIGRATIONS.last().unwrap();
    assert!(
        last.starts_with(&format!("{SCHEMA:04}_")),
        "{last} is newer than SCHEMA in backup/tables.rs: look whether its tables stand there"
    );
}

#[tokio::test]
async fn pages_follow_columns_that_tell_the_rows_of_a_site_apart() {
    let host = TestHost::new().await;
    for table in TABLES {
        let columns = host.rows(Statement::new(format!("PRAGMA table_info({})", table.name))).await;
        let names: Vec<_> = columns.iter().map(|row| row.text("name").unwrap().to_owned()).collect();
        let mut key: Vec<_> =
            columns.iter().filter(|row| row.integer("pk").unwrap() > 0).map(|row| row.text("name").unwrap().to_owned()).collect();
        let mut listed: Vec<_> = table.key.iter().map(|it| (*it).to_owned()).collect();
        key.sort();
        listed.sort();
        assert_eq!(listed, key, "the primary key of {}", table.name);
        for column in table.order.iter().chain(table.stays).chain(&[table.owner()]) {
            assert!(names.iter().any(|name| name == column), "{} has no column {column}", table.name);
        }
        let is_told_apart = table.key.iter().all(|column| *column == table.owner() || table.order.contains(column));
        assert!(is_told_apart, "two rows of {} may have the same place in its order", table.name);
        assert!(!table.needs.contains('{') || names.iter().any(|name| table.needs.contains(&format!("{{{name}}}"))), "{}", table.name);
    }
}

#[tokio::test]
async fn a_restored_site_is_equal_row_by_row_and_sent_again_it_stays_so() {
    let world = World::new().await;
    let (one, copy) = (&world.one, World::bare().await);
    let reply = world.backup(one).await;
    assert_eq!((reply.status, reply.is_broken, reply.header("content-type")), (StatusCode::OK, false, "application/x-ndjson"));
    assert!(!reply.text().contains(&world.other.word), "nothing of the other site is in it");
    let counted: u64 = last_line(&reply)["end"]["rows"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(copy.restore_all(one, &reply.text()).await, counted);
    const OTHERWISE: [&str; 5] = ["destinations", "kb", "kb_parts", "outbox", "survey_invitations"];
    let picture = async |world: &World| but_for(world.picture(Some(one)).await, &OTHERWISE);
    let (before, after) = (picture(&world).await, picture(&copy).await);
    assert!(before.values().filter(|rows| !rows.is_empty()).count() > 25, "{before:?}");
    assert_eq!(changes(&before, &after), [""; 0], "left what was, right what is");
    let whole = copy.picture(None).await;
    copy.host.manual_clock().advance(std::time::Duration::from_secs(60));
    assert_eq!(copy.restore_all(one, &reply.text()).await, 0);
    assert_eq!(changes(&whole, &copy.picture(None).await), [""; 0], "a second time changes nothing");
    let again = copy.backup(one).await;
    let (was, is) = (last_line(&reply), last_line(&again));
    assert_eq!((&was["end"]["rows"], &was["end"]["assets"]), (&is["end"]["rows"], &is["end"]["assets"]), "and a copy's backup has as much");
}

#[tokio::test]
async fn a_restored_site_works_with_the_keys_and_links_that_it_had() {
    let world = World::new().await;
    let (one, copy) = (&world.one, World::bare().await);
    copy.restore_all(one, &world.backup(one).await.text()).await;
    let shown = copy.send("lead-capture", Call::get(format!("/v1/leads/{}", one.lead)).key(&one.read)).await;
    assert_eq!(shown.json()["email"], one.mailbox.as_str());
    let link = crate::lead_capture_routes::example("GET /v1/assets/{asset}", one, one).unwrap();
    let file = copy.send("lead-capture", link.call(&http::Method::GET)).await;
    assert_eq!((file.status, file.text()), (StatusCode::OK, format!("%PDF {}", one.word)));
    let asked = Call::post("/v1/chat").header("x-write-key", &one.write).json(&json!({ "message": "¿cuánto cuesta una clase de surf?" }));
    copy.host.tick::<faq_chat::FaqChat<TestHost>>().await.unwrap();
    let answered = copy.send("faq-chat", asked).await;
    assert!(answered.text().contains(&one.word), "the index is made anew: {}", answered.text());
}

#[tokio::test]
async fn what_was_not_delivered_is_held_until_somebody_releases_it() {
    let world = World::new().await;
    let (one, copy) = (&world.one, World::bare().await);
    world.host.rows(Statement::new("UPDATE outbox SET status = 'pending', next_at = 0, leased_until = 0, finished_at = NULL")).await;
    let waiting = world.host.rows(Statement::new("SELECT id FROM outbox WHERE site_id = ?1").bind(one.id.as_str())).await.len();
    assert!(waiting > 1);
    let backup = world.backup(one).await.text();
    copy.restore_all(one, &backup).await;
    drop(copy.host.take_fetches());
    copy.host.tick::<LeadCapture<TestHost>>().await.unwrap();
    assert!(copy.host.take_fetches().is_empty(), "nothing is sent twice");
    let listed = copy.send("lead-capture", Call::get("/v1/deliveries?status=failed").key(&one.read)).await.json();
    let held = listed["deliveries"].as_array().unwrap();
    assert_eq!(held.iter().filter(|it| it["last_error"] == "held by a restore").count(), waiting);
    for destination in ["crm", "few"] {
        let enable = format!("/v1/destinations/{}/enable", one.named(destination));
        let enabled = copy.send("lead-capture", Call::post(enable).key(&one.admin).json(&json!({}))).await;
        assert!(enabled.status.is_success(), "{}", enabled.text());
    }
    let replayed = copy.send("lead-capture", Call::post("/v1/deliveries/replay").key(&one.admin).json(&json!({}))).await;
    assert_eq!(replayed.json()["replayed"], waiting, "{}", replayed.text());
    let sent: BTreeSet<_> =
        copy.host.take_fetches().iter().filter_map(|it| it.headers.get("webhook-id").cloned()).map(|id| format!("{id:?}")).collect();
    assert_eq!(sent.len(), waiting, "each once, by the id it had");
    copy.restore_all(one, &backup).await;
    copy.host.tick::<LeadCapture<TestHost>>().await.unwrap();
    assert!(copy.host.take_fetches().is_empty(), "restored again, what was released meanwhile stays delivered");
    let still = copy.send("lead-capture", Call::get("/v1/destinations").key(&one.admin)).await.json();
    assert_eq!(still["destinations"][0]["disabled_at"], Json::Null, "and who was enabled stays enabled");
}

#[tokio::test]
async fn a_person_erased_in_the_copy_leaves_no_trace() {
    let world = World::new().await;
    let (one, copy) = (&world.one, World::bare().await);
    copy.restore_all(one, &world.backup(one).await.text()).await;
    let reply = copy.send("lead-capture", Call::delete(format!("/v1/leads/{}", one.lead)).key(&one.admin)).await;
    assert!(reply.status.is_success(), "{}", reply.text());
    let traces: Vec<_> =
        copy.picture(None).await.into_iter().filter(|(_, rows)| rows.iter().any(|row| row.contains(&one.mailbox))).collect();
    assert_eq!(traces, [], "of {}", one.mailbox);
}

#[tokio::test]
async fn what_is_no_part_of_this_sites_backup_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let (one, other) = (&world.one, &world.other);
    let before = world.picture(None).await;
    let header = |change: &Json| {
        let mut header = json!({ "orilla_backup": 1, "site": one.id, "schema": SCHEMA, "taken_at": "2026-11-27T10:00:00.000Z" });
        header.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        header.to_string()
    };
    let fine = || header(&json!({}));
    let key = |change: &Json| {
        let mut row = json!({ "hash": { "base64": "AAAA" }, "site_id": one.id, "kind": "admin", "created_at": 1 });
        row.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({ "table": "keys", "row": row }).to_string()
    };
    let limits = json!({ "table": "limits", "row": { "key": "a", "site_id": one.id } }).to_string();
    let evil = json!({ "table": "keys", "row": { "hash": "x", "site_id": one.id, "kind) SELECT 1 --": "x" } }).to_string();
    let mut form = Json::Null;
    for line in world.backup(other).await.text().lines().map(|line| serde_json::from_str::<Json>(line).unwrap()) {
        if line["table"] == "forms" {
            form = line;
        }
    }
    form["row"]["site_id"] = json!(one.id);
    form["row"]["version"] = json!(99);
    for (what, lines, status) in [
        ("no header", vec![key(&json!({}))], 400),
        ("nothing", vec![], 400),
        ("another version", vec![header(&json!({ "orilla_backup": 2 })), key(&json!({}))], 422),
        ("a newer schema", vec![header(&json!({ "schema": SCHEMA + 1 })), key(&json!({}))], 422),
        ("another site's header", vec![header(&json!({ "site": other.id })), key(&json!({}))], 422),
        ("another site's row", vec![fine(), key(&json!({})), key(&json!({ "site_id": other.id }))], 422),
        ("a table of nobody's", vec![fine(), key(&json!({})), limits], 422),
        ("a column that is none", vec![fine(), key(&json!({})), evil], 422),
        ("a column that the schema lacks", vec![fine(), key(&json!({})), key(&json!({ "secret": "x" }))], 422),
        ("no key", vec![fine(), json!({ "table": "keys", "row": { "site_id": one.id } }).to_string()], 422),
        ("a kind that is none", vec![fine(), key(&json!({ "kind": "operator" }))], 409),
        ("a form that another site has", vec![fine(), key(&json!({})), form.to_string()], 409),
        ("no JSON", vec![fine(), "x".to_owned()], 422),
        ("an asset outside", vec![fine(), json!({ "asset": "../x.pdf", "base64": "AAAA" }).to_string()], 422),
        ("too many lines", vec![fine(); 1_001], 400),
    ] {
        let reply = world.restore_part(one, &lines).await;
        assert_eq!(reply.status.as_u16(), status, "{what}: {}", reply.text());
        assert_eq!(changes(&before, &world.picture(None).await), [""; 0], "{what}");
    }
    let known = |uri: &str, status: u16| (uri.to_owned(), status);
    for (uri, status) in
        [known("/v1/backup", 400), known("/v1/backup?site=x", 400), known("/v1/backup?site=0190a8c0-0000-7000-8000-0000000000ff", 404)]
    {
        assert_eq!(world.send("lead-capture", Call::get(&uri).key(OPERATOR)).await.status.as_u16(), status, "{uri}");
    }
}

#[tokio::test]
async fn rows_that_came_between_two_pages_are_left_out_with_what_they_hang_on() {
    let world = World::new().await;
    let (one, copy) = (&world.one, World::bare().await);
    let backup = world.backup(one).await.text();
    let lines: Vec<Json> = backup.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let late = |table: &str, change: Json| {
        let mut line = lines.iter().find(|line| line["table"] == table).unwrap().clone();
        line["row"].as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        line.to_string()
    };
    copy.restore_all(one, &backup).await;
    let before = copy.picture(None).await;
    let part = [
        lines[0].to_string(),
        late("submissions", json!({ "id": "s-late", "lead_id": "l-late" })),
        late("consents", json!({ "submission_id": "s-late", "lead_id": "l-late" })),
        late("messages", json!({ "number": 99, "created_at": 4_000_000_000_000_i64 })),
        late("ticket_events", json!({ "number": 99 })),
        late("content_versions", json!({ "number": 99 })),
    ];
    let reply = copy.restore_part(one, &part).await;
    assert!(reply.json()["rows"].as_object().unwrap().values().all(|count| count["written"] == 0), "{}", reply.text());
    assert_eq!(changes(&before, &copy.picture(None).await), [""; 0]);
    let change = Call::new(http::Method::PATCH, format!("/v1/tickets/{}", one.ticket)).key(&one.admin).json(&json!({ "priority": "high" }));
    assert_eq!(copy.send("ticket-route", change).await.status, StatusCode::OK, "a restored ticket goes on");
}

#[tokio::test]
async fn a_store_that_fails_cuts_the_stream_and_that_is_seen() {
    let world = World::new().await;
    world.host.fail_sql(SqlFault::on("FROM conversations"));
    let reply = world.backup(&world.one).await;
    assert!(reply.is_broken && reply.status == StatusCode::OK && last_line(&reply)["end"] == Json::Null, "{}", reply.text());
}
