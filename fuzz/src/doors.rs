//! Whole functions over a store in memory, with every key: whatever is asked, no answer is our fault, and what was stored can be read again.
//!
//! The first line of an input is a method and a path, `POST /v1/batch`; the rest is the body.

use std::cell::RefCell;
use std::time::Duration;

use content_score::ContentScore;
use http::{Method, StatusCode, Uri};
use lead_capture::LeadCapture;
use orilla_core::Function;
use orilla_core::function::OPERATOR_KEY;
use orilla_native::testing::{Call, Reply, TestHost};
use serde_json::json;
use ticket_route::TicketRoute;
use tokio::runtime::{Builder, Runtime};
use track_events::TrackEvents;

use crate::files::source;

const SITE: &str = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";
/// How many requests one store takes. Chosen: a fuller one is slower, and a fresh one costs as much as a hundred of them.
const MOST: u32 = 2_000;

/// Event tracking.
pub fn events(input: &[u8]) {
    enter::<TrackEvents<TestHost>>(input, &["/v1/ledger", "/v1/events?limit=3", "/v1/stats"]);
}

/// Lead capture.
pub fn leads(input: &[u8]) {
    enter::<LeadCapture<TestHost>>(input, &["/v1/leads?limit=3", "/v1/submissions?limit=3", "/v1/forms"]);
}

/// Ticket routing.
pub fn tickets(input: &[u8]) {
    enter::<TicketRoute<TestHost>>(input, &["/v1/tickets", "/v1/agents"]);
}

/// Content scoring.
pub fn texts(input: &[u8]) {
    enter::<ContentScore<TestHost>>(input, &["/v1/content/documents", "/v1/content/pages"]);
}

/// A host with the demo's site.
struct Shore {
    runtime: Runtime,
    host: TestHost,
    admin: String,
    asked: u32,
}

thread_local! {
    static SHORE: RefCell<Option<Shore>> = const { RefCell::new(None) };
}

impl Shore {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let host = runtime.block_on(TestHost::new());
        host.set_variable(OPERATOR_KEY, "operator");
        host.manual_clock().set(crate::sent::now());
        let read = |text: &str, root| source::read(text, root, &|_| None).json;
        let mut site = read(include_str!("../../sites/demo/site.toml"), "site");
        site["destinations"] = json!([{ "id": "crm", "kind": "webhook", "url": "https://crm.example/hook" }]);
        let form = read(include_str!("../../sites/demo/forms/demo.toml"), "forms.demo");
        let scoring = read(include_str!("../../sites/demo/scoring.toml"), "scoring");
        let body = json!({ "site": site, "forms": { "demo": form }, "scoring": scoring });
        let operate = |call: Call| runtime.block_on(host.send::<LeadCapture<TestHost>>(call.key("operator")));
        let applied = operate(Call::put(format!("/v1/sites/{SITE}")).json(&body));
        assert_eq!(applied.status, StatusCode::OK, "{}", applied.text());
        let made = operate(Call::post(format!("/v1/sites/{SITE}/keys")).json(&json!({ "kind": "admin" })));
        let admin = made.json()["key"].as_str().expect("a key").to_owned();
        Self { runtime, host, admin, asked: 0 }
    }

    fn send<F: Function<TestHost>>(&self, call: Call) -> Reply {
        self.runtime.block_on(self.host.send::<F>(call))
    }

    /// Asks, and finds no answer that is our fault.
    fn ask<F: Function<TestHost>>(&self, method: Method, path: &str, key: &str, body: &[u8]) -> Reply {
        let call = Call::new(method.clone(), path).key(key).header("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/132.0");
        let reply = self.send::<F>(call.body(body.to_vec()));
        assert!(
            !reply.status.is_server_error() && !reply.is_broken,
            "{method} {path}: {} {} {:?}",
            reply.status,
            reply.text(),
            self.host.take_log()
        );
        reply
    }
}

fn enter<F: Function<TestHost>>(input: &[u8], lists: &[&str]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let Ok(line) = std::str::from_utf8(&input[..end]) else { return };
    let Some((method, path)) = line.split_once(' ') else { return };
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return };
    if !path.starts_with('/') || Uri::try_from(format!("http://localhost{path}")).is_err() {
        return;
    }
    let body = input.get(end + 1..).unwrap_or_default();
    SHORE.with_borrow_mut(|shore| {
        // One that a property broke is not asked again.
        let mut here = shore.take().filter(|shore| shore.asked < MOST).unwrap_or_else(Shore::new);
        here.asked += 1;
        let key = if path.contains("/sites/") { "operator" } else { here.admin.as_str() };
        let reply = here.ask::<F>(method, path, key, body);
        if reply.status.is_success() {
            for list in lists {
                let told = here.ask::<F>(Method::GET, list, &here.admin, b"");
                assert!(std::str::from_utf8(&told.body).is_ok(), "{list} is no text");
            }
        }
        let _ = (here.host.take_log(), here.host.take_fetches());
        // Nobody is told to wait for having asked too often.
        here.host.manual_clock().advance(Duration::from_secs(601));
        *shore = Some(here);
    });
}
