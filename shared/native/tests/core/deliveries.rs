//! The outbox from event to receiver, on a clock the test moves.

use std::rc::Rc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join;
use http::StatusCode;
use orilla_core::function::Tick;
use orilla_core::outbox::deliveries::{self, Delivery, Status};
use orilla_core::outbox::destinations::{self, Destination, Kind, Listed};
use orilla_core::outbox::schedule::ATTEMPTS;
use orilla_core::outbox::{ALLOWED_PRIVATE_HOSTS, Courier, Event, MAIL_API_KEY, MAIL_API_URL, MAIL_FROM, Mail, Note, post, reply};
use orilla_core::ports::{DB, FetchError, Inbound, OpenError, Outbound, Variable};
use orilla_core::signing::{self, Secret};
use orilla_core::sites::SiteId;
use orilla_core::sql::{Statement, Value};
use orilla_core::{Clock, Code, Fetch, Platform, Sql};
use orilla_native::testing::{Answer, SqlFault, TestHost};
use serde_json::{Value as Json, json};
use tokio::sync::Notify;

use crate::{other_site, site, sql};

const WEBHOOK: &str = "https://hooks.example.com/leads";

async fn add(host: &TestHost, site: &SiteId, id: &str, kind: Kind, target: &str, events: &[&str]) -> Secret {
    let secret = Secret::generate(&host.random());
    let events: Vec<_> = events.iter().map(|event| (*event).to_owned()).collect();
    let destination = Destination { id, kind, target, events: &events };
    sql(host).query(destination.add(site, &secret, host.clock().now())).await.unwrap();
    secret
}

/// Writes an event as its cause would.
async fn announce(host: &TestHost, name: &str, only: Option<&[String]>) {
    let site = site();
    let note = Note { title: "New lead".into(), facts: vec![("Name".into(), "A <b> & B".into())] };
    let event = Event { site: &site, name, subject: "lead-1", only, data: json!({ "name": "A <b> & B" }), note };
    sql(host).batch(vec![event.announce(host.clock().now(), &host.random())]).await.unwrap();
}

async fn drain(host: &TestHost) -> Tick {
    Courier::open(host, host.sql(DB).unwrap()).unwrap().drain().await.unwrap()
}

async fn listed(host: &TestHost, status: Option<Status>) -> Vec<Delivery> {
    let rows = sql(host).query(deliveries::list(&site(), status, (Value::Null, Value::Null), 100)).await.unwrap();
    rows.iter().map(|row| Delivery::read(&row).unwrap()).collect()
}

async fn destination(host: &TestHost, id: &str) -> Listed {
    let rows = sql(host).query(destinations::list(&site())).await.unwrap();
    rows.iter().map(|row| Listed::read(&row).unwrap()).find(|listed| listed.id == id).unwrap()
}

fn header<'a>(request: &'a Outbound, name: &str) -> &'a str {
    request.headers[name].to_str().unwrap()
}

fn body(request: &Outbound) -> Json {
    serde_json::from_slice(&request.body).unwrap()
}

#[tokio::test]
async fn an_event_reaches_each_subscribed_destination_once() {
    let host = TestHost::new().await;
    add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["lead.created"]).await;
    add(&host, &site(), "all", Kind::Slack, "https://hooks.slack.com/services/T/B/secret", &["*"]).await;
    add(&host, &site(), "other-event", Kind::Webhook, WEBHOOK, &["lead.erased"]).await;
    add(&host, &site(), "off", Kind::Webhook, WEBHOOK, &["*"]).await;
    add(&host, &other_site(), "crm", Kind::Webhook, "https://other.example.com/", &["*"]).await;
    host.rows(Statement::new("UPDATE destinations SET disabled_at = 1 WHERE id = 'off'")).await;
    announce(&host, "lead.created", None).await;
    assert_eq!(drain(&host).await, Tick { delivered: 2, ..Tick::default() });
    assert_eq!(drain(&host).await, Tick::default(), "nothing is sent twice");
    let mut urls: Vec<_> = host.take_fetches().iter().map(|request| request.destination.url().to_string()).collect();
    urls.sort();
    assert_eq!(urls, [WEBHOOK, "https://hooks.slack.com/services/T/B/secret"]);
    let all = listed(&host, None).await;
    assert!(all.iter().all(|delivery| delivery.status == Status::Delivered && delivery.last_status == Some(200)));
    assert_ne!(all[0].id, all[1].id);
}

#[tokio::test]
async fn an_event_may_name_its_destinations() {
    let host = TestHost::new().await;
    for id in ["a", "b", "c"] {
        add(&host, &site(), id, Kind::Webhook, WEBHOOK, &["*"]).await;
    }
    announce(&host, "lead.created", Some(&["b".to_owned(), "unknown".to_owned()])).await;
    announce(&host, "lead.created", Some(&[])).await;
    let all = listed(&host, None).await;
    assert_eq!(all.iter().map(|delivery| delivery.destination.as_str()).collect::<Vec<_>>(), ["b"]);
}

#[tokio::test]
async fn webhooks_verify_and_keep_their_id_with_a_fresh_timestamp() {
    let host = TestHost::new().await;
    let secret = add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    host.answer_fetches(|_| Ok(StatusCode::INTERNAL_SERVER_ERROR.into()));
    announce(&host, "lead.created", None).await;
    drain(&host).await;
    host.manual_clock().advance(Duration::from_secs(5));
    drain(&host).await;
    let sent = host.take_fetches();
    assert_eq!(sent.len(), 2);
    for request in &sent {
        let (id, timestamp, signature) =
            (header(request, "webhook-id"), header(request, "webhook-timestamp"), header(request, "webhook-signature"));
        let now = host.clock().now();
        assert_eq!(signing::verify(std::slice::from_ref(&secret), id, timestamp, signature, &request.body, now), Ok(()));
        assert_eq!(header(request, "content-type"), "application/json");
        assert_eq!(request.deadline, Duration::from_secs(15));
    }
    assert_eq!(header(&sent[0], "webhook-id"), header(&sent[1], "webhook-id"));
    assert_ne!(header(&sent[0], "webhook-timestamp"), header(&sent[1], "webhook-timestamp"));
    assert_eq!(sent[0].body, sent[1].body);
    let payload = body(&sent[0]);
    assert_eq!((&payload["type"], &payload["data"]), (&json!("lead.created"), &json!({ "name": "A <b> & B" })));
    assert_eq!(payload["timestamp"], "2026-03-16T12:00:00.000Z");
}

#[tokio::test]
async fn a_rotated_webhook_is_signed_with_both_secrets_for_a_day() {
    let host = TestHost::new().await;
    let old = add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    let new = Secret::generate(&host.random());
    let rows = sql(&host).query(destinations::rotate(&site(), "crm", &new, host.clock().now())).await.unwrap();
    assert_eq!(rows.len(), 1);
    for (wait, knows_old) in [(0, true), (86_399, true), (1, false)] {
        host.manual_clock().advance(Duration::from_secs(wait));
        announce(&host, "lead.created", None).await;
        drain(&host).await;
        let sent = host.take_fetches().remove(0);
        let verify = |secret: &Secret| {
            let (id, timestamp, signature) =
                (header(&sent, "webhook-id"), header(&sent, "webhook-timestamp"), header(&sent, "webhook-signature"));
            signing::verify(std::slice::from_ref(secret), id, timestamp, signature, &sent.body, host.clock().now()).is_ok()
        };
        assert_eq!((verify(&new), verify(&old)), (true, knows_old));
    }
}

#[tokio::test]
async fn slack_and_mail_get_their_own_shapes() {
    let host = TestHost::new().await;
    host.set_variable(MAIL_API_URL, "http://127.0.0.1:9/");
    host.set_variable(MAIL_API_KEY, "re_key");
    host.set_variable(MAIL_FROM, "Demo <demo@example.com>");
    add(&host, &site(), "chat", Kind::Slack, "https://hooks.slack.com/services/T/B/s", &["*"]).await;
    add(&host, &site(), "team", Kind::Email, "a@example.com, b@example.com", &["*"]).await;
    announce(&host, "lead.created", None).await;
    let mail = Mail {
        to: "visitor@example.com".into(),
        subject: "Confirm\r\nBcc: x".into(),
        text: "t".into(),
        html: "<p>t</p>".into(),
        reply_to: None,
    };
    sql(&host).query(post(&site(), "confirmation", "lead-1", &mail, host.clock().now(), &host.random())).await.unwrap();
    assert_eq!(drain(&host).await.delivered, 3);
    let sent = host.take_fetches();
    let slack = sent.iter().find(|request| request.destination.url().host_str() == Some("hooks.slack.com")).unwrap();
    assert_eq!(body(slack)["text"], "New lead");
    assert_eq!(body(slack)["blocks"][1]["fields"][0]["text"], "*Name*\nA &lt;b&gt; &amp; B");
    assert!(!slack.headers.contains_key("webhook-id"));
    let mails: Vec<_> = sent.iter().filter(|request| request.destination.url().as_str() == "http://127.0.0.1:9/emails").collect();
    assert_eq!(mails.len(), 2);
    let ids: Vec<_> = listed(&host, None).await.into_iter().map(|delivery| delivery.id).collect();
    for mail in &mails {
        assert_eq!(header(mail, "authorization"), "Bearer re_key");
        assert!(ids.iter().any(|id| id == header(mail, "idempotency-key")));
        assert_eq!(body(mail)["from"], "Demo <demo@example.com>");
    }
    let to: Vec<_> = mails.iter().map(|mail| body(mail)["to"].clone()).collect();
    assert!(to.contains(&json!(["a@example.com", "b@example.com"])) && to.contains(&json!(["visitor@example.com"])));
    let one_off = mails.iter().find(|mail| body(mail)["to"] == json!(["visitor@example.com"])).unwrap();
    assert_eq!(body(one_off)["subject"], "Confirm Bcc: x");
}

#[tokio::test]
async fn answers_are_mailed_one_after_the_other_and_what_a_visitor_sets_off_once_in_ten_minutes() {
    let host = TestHost::new().await;
    host.set_variable(MAIL_API_KEY, "k");
    host.set_variable(MAIL_FROM, "d@example.com");
    let mail = |text: &str| Mail {
        to: "visitor@example.com".into(),
        subject: "[#1] Hola".into(),
        text: text.into(),
        html: String::new(),
        reply_to: Some("help@example.com".into()),
    };
    for text in ["one", "two"] {
        let now = host.clock().now();
        sql(&host).query(reply(&site(), "ticket.reply", "ticket-1", &mail(text), now, &host.random())).await.unwrap();
        sql(&host).query(post(&site(), "ticket.satisfaction", "ticket-1", &mail("how?"), now, &host.random())).await.unwrap();
    }
    assert_eq!(drain(&host).await.delivered, 3);
    let sent = host.take_fetches();
    let mut texts: Vec<_> = sent.iter().map(|mail| body(mail)["text"].as_str().unwrap().to_owned()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["how?", "one", "two"]);
    assert!(sent.iter().all(|mail| body(mail)["reply_to"] == "help@example.com"));
}

#[tokio::test]
async fn mail_without_configuration_waits_and_says_so() {
    let host = TestHost::new().await;
    add(&host, &site(), "team", Kind::Email, "a@example.com", &["*"]).await;
    announce(&host, "lead.created", None).await;
    assert_eq!(drain(&host).await.postponed, 1);
    assert!(host.take_fetches().is_empty());
    assert!(listed(&host, None).await[0].last_error.as_ref().unwrap().contains("MAIL_API_KEY"));
    host.set_variable(MAIL_API_KEY, "k");
    host.set_variable(MAIL_FROM, "d@example.com");
    host.manual_clock().advance(Duration::from_secs(5));
    assert_eq!(drain(&host).await.delivered, 1);
    assert_eq!(host.take_fetches()[0].destination.url().as_str(), "https://api.resend.com/emails");
}

#[tokio::test]
async fn attempts_follow_the_schedule_to_the_second_and_then_end() {
    let host = TestHost::new().await;
    add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    host.answer_fetches(|_| Ok(StatusCode::FOUND.into()));
    announce(&host, "lead.created", None).await;
    let start = host.clock().now();
    assert_eq!(drain(&host).await.postponed, 1);
    for wait in [5u64, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] {
        host.manual_clock().advance(Duration::from_secs(wait) - Duration::from_millis(1));
        assert_eq!(drain(&host).await, Tick::default(), "nothing is due before its time");
        host.manual_clock().advance(Duration::from_millis(1));
        let tick = drain(&host).await;
        assert_eq!(tick.postponed + tick.failed, 1);
    }
    assert_eq!(host.clock().now() - start, TimeDelta::seconds(75 * 3_600 + 35 * 60 + 5));
    let failed = listed(&host, Some(Status::Failed)).await.remove(0);
    assert_eq!((failed.attempts, failed.last_status), (ATTEMPTS as i64, Some(302)));
    assert_eq!((failed.last_error.as_deref(), failed.next_at), (Some("HTTP 302"), None));
    host.manual_clock().advance(Duration::from_secs(7 * 86_400));
    assert_eq!(drain(&host).await, Tick::default());
    assert_eq!(host.take_fetches().len(), ATTEMPTS);
}

#[tokio::test]
async fn a_replay_has_the_same_id_and_a_new_schedule() {
    let host = TestHost::new().await;
    add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    host.answer_fetches(|_| Ok(StatusCode::BAD_REQUEST.into()));
    announce(&host, "lead.created", None).await;
    announce(&host, "lead.created", None).await;
    for _ in 0..ATTEMPTS {
        drain(&host).await;
        host.manual_clock().advance(Duration::from_secs(86_400));
    }
    assert_eq!(listed(&host, Some(Status::Failed)).await.len(), 2);
    let first = header(&host.take_fetches()[0], "webhook-id").to_owned();
    let now = host.clock().now();
    let sql = host.sql(DB).unwrap();
    deliveries::replay(&sql, &site(), &first, now).await.unwrap();
    assert_eq!(drain(&host).await.postponed, 1);
    assert_eq!(header(&host.take_fetches()[0], "webhook-id"), first);
    assert_eq!(listed(&host, Some(Status::Pending)).await[0].attempts, 1);

    host.answer_fetches(|_| Ok(StatusCode::NO_CONTENT.into()));
    assert_eq!(deliveries::replay_failed(&sql, &other_site(), now).await.unwrap(), 0);
    assert_eq!(deliveries::replay_failed(&sql, &site(), now).await.unwrap(), 1);
    assert_eq!(drain(&host).await.delivered, 1);
    host.manual_clock().advance(Duration::from_secs(5));
    assert_eq!(drain(&host).await.delivered, 1);
    deliveries::replay(&sql, &site(), &first, host.clock().now()).await.unwrap();
    assert_eq!(drain(&host).await.delivered, 1, "what arrived can be sent again too");

    for (site, id) in [(site(), "msg_unknown"), (other_site(), first.as_str())] {
        assert_eq!(deliveries::replay(&sql, &site, id, now).await.map_err(|e| e.code), Err(Code::NotFound));
    }
}

#[tokio::test]
async fn a_destination_that_answers_410_is_switched_off_until_enabled() {
    let host = TestHost::new().await;
    add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    add(&host, &site(), "live", Kind::Webhook, "https://live.example.com/", &["*"]).await;
    host.answer_fetches(|request| Ok(if request.destination.url().as_str() == WEBHOOK { StatusCode::GONE } else { StatusCode::OK }.into()));
    announce(&host, "lead.created", None).await;
    announce(&host, "lead.created", None).await;
    let tick = drain(&host).await;
    assert_eq!((tick.delivered, tick.failed), (2, 1));
    let off = destination(&host, "crm").await;
    assert!(off.disabled_at.is_some() && off.disabled_reason.unwrap().contains("410"));
    assert_eq!(listed(&host, Some(Status::Failed)).await.len(), 2, "what waited for it has failed with it");
    announce(&host, "lead.created", None).await;
    assert_eq!(drain(&host).await.delivered, 1, "a disabled destination gets no new rows");
    let _ = host.take_fetches();

    let sql = host.sql(DB).unwrap();
    let now = host.clock().now();
    deliveries::replay_failed(&sql, &site(), now).await.unwrap();
    assert_eq!(drain(&host).await.failed, 2, "still disabled");
    assert!(host.take_fetches().is_empty());
    host.answer_fetches(|_| Ok(StatusCode::OK.into()));
    sql.query(destinations::enable(&site(), "crm")).await.unwrap();
    deliveries::replay_failed(&sql, &site(), now).await.unwrap();
    assert_eq!(drain(&host).await.delivered, 2);
}

#[tokio::test]
async fn private_targets_are_refused_on_every_attempt_unless_the_operator_named_them() {
    let host = TestHost::new().await;
    add(&host, &site(), "crm", Kind::Webhook, "http://127.0.0.1:9000/hook", &["*"]).await;
    announce(&host, "lead.created", None).await;
    assert_eq!(drain(&host).await.postponed, 1);
    assert!(host.take_fetches().is_empty());
    assert!(listed(&host, None).await[0].last_error.as_ref().unwrap().starts_with("refused"));
    host.set_variable(ALLOWED_PRIVATE_HOSTS, "127.0.0.1:9000");
    host.manual_clock().advance(Duration::from_secs(5));
    assert_eq!(drain(&host).await.delivered, 1);
}

#[tokio::test]
async fn destinations_that_hang_delay_no_other() {
    let host = TestHost::new().await;
    // Together they have more due rows than one drain takes.
    for id in ["dead-1", "dead-2", "dead-3"] {
        add(&host, &site(), id, Kind::Webhook, "https://dead.example.com/", &["*"]).await;
    }
    for _ in 0..100 {
        announce(&host, "lead.created", None).await;
    }
    host.manual_clock().advance(Duration::from_secs(60));
    add(&host, &site(), "live", Kind::Webhook, "https://live.example.com/", &["*"]).await;
    announce(&host, "lead.created", None).await;
    let clock = host.manual_clock().clone();
    host.answer_fetches(move |request| {
        if request.destination.url().host_str() == Some("dead.example.com") {
            clock.advance(Duration::from_secs(15));
            return Err(FetchError::Deadline);
        }
        Ok(StatusCode::OK.into())
    });
    let tick = drain(&host).await;
    assert_eq!((tick.delivered, tick.postponed), (1, 3), "300 older rows cost the dead ones one attempt each, the live one nothing");
    let rows = host.rows(Statement::new("SELECT count(*) AS n FROM outbox WHERE leased_until > 0")).await;
    assert_eq!(rows.first().unwrap().integer("n").unwrap(), 0, "what was not tried is free for the next drain");
}

#[tokio::test]
async fn the_newest_target_counts_and_a_removed_destination_fails() {
    let host = TestHost::new().await;
    add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    add(&host, &site(), "gone", Kind::Webhook, WEBHOOK, &["*"]).await;
    announce(&host, "lead.created", None).await;
    let events = ["*".to_owned()];
    let moved = Destination { id: "crm", kind: Kind::Webhook, target: "https://new.example.com/", events: &events };
    let now = host.clock().now();
    let statements = vec![moved.apply(&site(), &Secret::generate(&host.random()), now), destinations::remove(&site(), "gone")];
    sql(&host).batch(statements).await.unwrap();
    let tick = drain(&host).await;
    assert_eq!((tick.delivered, tick.failed), (1, 1));
    assert_eq!(host.take_fetches()[0].destination.url().as_str(), "https://new.example.com/");
}

#[tokio::test]
async fn applying_files_keeps_secrets_and_removes_only_what_files_manage() {
    let host = TestHost::new().await;
    let now = host.clock().now();
    let events = ["*".to_owned()];
    let apply = |id, target| Destination { id, kind: Kind::Webhook, target, events: &events };
    add(&host, &site(), "by-hand", Kind::Webhook, WEBHOOK, &["*"]).await;
    let first = Secret::generate(&host.random());
    let again = Secret::generate(&host.random());
    let statements = vec![
        apply("crm", WEBHOOK).apply(&site(), &first, now),
        apply("old", WEBHOOK).apply(&site(), &first, now),
        apply("crm", "https://new.example.com/").apply(&site(), &again, now),
        destinations::remove_managed(&site(), "old"),
        destinations::remove_managed(&site(), "by-hand"),
    ];
    sql(&host).batch(statements).await.unwrap();
    let rows = host.rows(Statement::new("SELECT id, secret, target FROM destinations ORDER BY id")).await;
    let ids: Vec<_> = rows.iter().map(|row| row.text("id").unwrap().to_owned()).collect();
    assert_eq!(ids, ["by-hand", "crm"]);
    let crm = rows.iter().nth(1).unwrap();
    assert_eq!((crm.text("secret").unwrap(), crm.text("target").unwrap()), (first.reveal().as_str(), "https://new.example.com/"));
}

#[tokio::test]
async fn lists_show_no_secret_and_page_without_gaps() {
    let host = TestHost::new().await;
    add(&host, &site(), "chat", Kind::Slack, "https://hooks.slack.com/services/T/B/secret", &["*"]).await;
    add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    assert_eq!(destination(&host, "chat").await.target, "https://hooks.slack.com/…");
    for _ in 0..4 {
        announce(&host, "lead.created", None).await;
    }
    let (mut seen, mut after) = (Vec::new(), (Value::Null, Value::Null));
    loop {
        let rows = sql(&host).query(deliveries::list(&site(), None, after, 3)).await.unwrap();
        let page: Vec<_> = rows.iter().map(|row| Delivery::read(&row).unwrap()).collect();
        let Some(last) = page.last() else { break };
        after = (last.position.0.into(), last.position.1.clone().into());
        seen.extend(page.iter().map(|delivery| delivery.id.clone()));
        assert!(!serde_json::to_string(&page).unwrap().contains("secret"));
    }
    let mut unique = seen.clone();
    unique.dedup();
    assert_eq!((seen.len(), unique.len()), (8, 8));
}

#[tokio::test]
async fn bodies_go_after_thirty_days_and_with_them_the_replay() {
    let host = TestHost::new().await;
    add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    announce(&host, "lead.created", None).await;
    let courier = Courier::open(&host, host.sql(DB).unwrap()).unwrap();
    assert_eq!(courier.tick().await.unwrap(), Tick { delivered: 1, ..Tick::default() });
    host.manual_clock().advance(Duration::from_secs(30 * 86_400 - 1));
    assert_eq!(courier.tick().await.unwrap().expired, 0);
    host.manual_clock().advance(Duration::from_secs(1));
    assert_eq!(courier.tick().await.unwrap().expired, 1);
    assert_eq!(courier.tick().await.unwrap().expired, 0, "a body is forgotten once");
    let rows = host.rows(Statement::new("SELECT id, body FROM outbox")).await;
    let row = rows.first().unwrap();
    assert_eq!(row.text("body").unwrap(), "");
    let replay = deliveries::replay(&host.sql(DB).unwrap(), &site(), row.text("id").unwrap(), host.clock().now()).await;
    assert_eq!(replay.map_err(|e| e.code), Err(Code::NotFound));
    assert_eq!(deliveries::replay_failed(&host.sql(DB).unwrap(), &site(), host.clock().now()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_drain_that_is_cut_short_loses_nothing() {
    let host = TestHost::new().await;
    add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    announce(&host, "lead.created", None).await;
    host.fail_sql(SqlFault::on("SET status = ?3").times(1));
    let courier = Courier::open(&host, host.sql(DB).unwrap()).unwrap();
    assert_eq!(courier.drain().await.map_err(|e| e.code), Err(Code::Unavailable));
    assert_eq!(courier.drain().await.unwrap(), Tick::default(), "its lease still holds");
    host.manual_clock().advance(Duration::from_secs(30));
    assert_eq!(courier.drain().await.unwrap().delivered, 1);
    let sent = host.take_fetches();
    assert_eq!((sent.len(), header(&sent[0], "webhook-id")), (2, header(&sent[1], "webhook-id")), "twice, with the same id");
}

/// A host whose receiver answers only once it is told to.
#[derive(Clone)]
struct Waiting {
    host: TestHost,
    gate: Rc<Notify>,
}

#[derive(Clone)]
struct WaitingFetch(Waiting);

impl Fetch for WaitingFetch {
    async fn fetch(&self, request: Outbound) -> Result<Inbound, FetchError> {
        self.0.gate.notified().await;
        self.0.host.fetch().fetch(request).await
    }
}

impl Platform for Waiting {
    type Sql = <TestHost as Platform>::Sql;
    type Kv = <TestHost as Platform>::Kv;
    type Fetch = WaitingFetch;
    type Clock = <TestHost as Platform>::Clock;
    type Random = <TestHost as Platform>::Random;

    fn sql(&self, binding: orilla_core::ports::Binding) -> Result<Self::Sql, OpenError> {
        self.host.sql(binding)
    }
    fn kv(&self, binding: orilla_core::ports::Binding) -> Result<Self::Kv, OpenError> {
        self.host.kv(binding)
    }
    fn fetch(&self) -> WaitingFetch {
        WaitingFetch(self.clone())
    }
    fn clock(&self) -> Self::Clock {
        self.host.clock()
    }
    fn random(&self) -> Self::Random {
        self.host.random()
    }
    fn variable(&self, variable: Variable) -> Result<Option<String>, OpenError> {
        self.host.variable(variable)
    }
    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        self.host.defer(work);
    }
    fn meter(&self) -> orilla_core::operations::Meter {
        self.host.meter()
    }
    fn log(&self, line: std::fmt::Arguments<'_>) {
        self.host.log(line);
    }
}

#[tokio::test]
async fn two_drains_at_once_send_each_row_once() {
    let host = TestHost::new().await;
    add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    announce(&host, "lead.created", None).await;
    let slow = Waiting { host: host.clone(), gate: Rc::default() };
    let first = Courier::open(&slow, slow.sql(DB).unwrap()).unwrap();
    let second = first.clone();
    let late = async {
        // The first drain waits for its receiver here; whatever comes now must find the row taken.
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert_eq!(second.drain().await.unwrap(), Tick::default());
        }
        slow.gate.notify_one();
    };
    let both = tokio::time::timeout(Duration::from_secs(5), join(first.drain(), late)).await;
    let (tick, ()) = both.expect("a second drain took the row as well and waits for the receiver");
    assert_eq!(tick.unwrap().delivered, 1);
    assert_eq!(host.take_fetches().len(), 1);
}

#[tokio::test]
async fn few_destinations_are_spoken_to_at_once_and_those_that_failed_come_last() {
    let host = TestHost::new().await;
    for n in 0..9 {
        add(&host, &site(), &format!("crm-{n}"), Kind::Webhook, &format!("https://crm-{n}.example/"), &["*"]).await;
    }
    announce(&host, "lead.created", None).await;
    host.rows(Statement::new("UPDATE outbox SET attempts = 3 WHERE destination_id < 'crm-5'")).await;
    let slow = Waiting { host: host.clone(), gate: Rc::default() };
    let courier = Courier::open(&slow, slow.sql(DB).unwrap()).unwrap();
    let mut waves = Vec::new();
    let open = async {
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            slow.gate.notify_waiters();
            tokio::time::sleep(Duration::from_millis(20)).await;
            waves.push(host.take_fetches());
        }
    };
    let (tick, ()) = join(courier.drain(), open).await;
    assert_eq!(tick.unwrap().delivered, 9);
    assert_eq!(waves.iter().map(Vec::len).collect::<Vec<_>>(), [6, 3]);
    let first: Vec<_> = waves[0].iter().filter_map(|request| request.destination.url().host_str()).collect();
    assert!((5..9).all(|n| first.contains(&format!("crm-{n}.example").as_str())), "{first:?}");
}

#[tokio::test]
async fn an_erased_delivery_stays_erased_whatever_its_drain_writes() {
    let host = TestHost::new().await;
    add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    announce(&host, "lead.created", None).await;
    let slow = Waiting { host: host.clone(), gate: Rc::default() };
    let courier = Courier::open(&slow, slow.sql(DB).unwrap()).unwrap();
    let erase = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        host.rows(Statement::new("DELETE FROM outbox")).await;
        slow.gate.notify_one();
    };
    let (tick, ()) = join(courier.drain(), erase).await;
    assert_eq!(tick.unwrap().delivered, 1);
    assert!(listed(&host, None).await.is_empty());
}

#[tokio::test]
async fn an_answer_too_long_to_read_is_judged_by_its_status() {
    let host = TestHost::new().await;
    add(&host, &site(), "crm", Kind::Webhook, WEBHOOK, &["*"]).await;
    host.answer_fetches(|_| Ok(Answer { body: vec![b'x'; 1 << 20].into(), ..StatusCode::OK.into() }));
    announce(&host, "lead.created", None).await;
    assert_eq!(drain(&host).await.delivered, 1);
}
