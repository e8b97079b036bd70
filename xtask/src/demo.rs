//! `cargo xtask demo`: weeks of invented visits to the demo's page, sent as any client sends its events, and some tickets, so that a newcomer's
//! analytics and desk are not empty. It goes to development servers only: it takes the keys that those show.

mod desk;
mod story;

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};
use ureq::Agent;
use ureq::http::request::Builder;
use ureq::http::{Method, Request};

use crate::apply::client;
use crate::args::Args;
use crate::clock::now;

/// How many events a request carries. Chosen: some 300 KB, of the 512 that the server reads.
const BATCH: usize = 500;
/// How many weeks there are if nobody says, and at most. Chosen: thirty days beside the thirty before; what two seasons need.
const WEEKS: (u16, u16) = (9, 26);

/// `cargo xtask demo`.
pub fn command(mut args: Args) -> Result<()> {
    let url = args.value("--to")?.unwrap_or_else(|| "http://127.0.0.1:8787".to_owned());
    let weeks = match args.value("--weeks")? {
        None => WEEKS.0,
        Some(given) => match given.parse() {
            Ok(weeks @ 1..) if weeks <= WEEKS.1 => weeks,
            _ => bail!("--weeks is `{given}`; it may be 1 to {}", WEEKS.1),
        },
    };
    args.finish()?;
    let server = Server::find(url.trim_end_matches('/'))?;
    let events = story::events(now(), weeks);
    let mut sums = [0; 3];
    for batch in events.chunks(BATCH) {
        let answer = server.send(batch)?;
        let listed = |name: &str| answer[name].as_array().map_or(0, Vec::len) as u64;
        sums[0] += answer["accepted"].as_u64().unwrap_or_default();
        sums[1] += answer["duplicate"].as_u64().unwrap_or_default();
        sums[2] += listed("rejected") + listed("filtered");
    }
    let [accepted, duplicate, refused] = sums;
    println!("sent {} invented events of {weeks} weeks: {accepted} are new, {duplicate} were there, {refused} were refused", events.len());
    println!("see them at {}/demo/analytics", server.url);
    let opened = desk::tell(&server)?;
    println!("opened {opened} invented tickets: {}/demo/desk", server.url);
    if refused > 0 {
        bail!("the server refused {refused} events; GET /v1/ledger says why");
    }
    Ok(())
}

/// A development server.
struct Server {
    agent: Agent,
    url: String,
    write_key: String,
    admin_key: String,
}

impl Server {
    fn find(url: &str) -> Result<Self> {
        let agent = client::agent();
        let mut answer = agent
            .get(format!("{url}/demo/keys.json"))
            .call()
            .with_context(|| format!("nothing answers at {url}; start `cargo xtask dev`, or name another with --to"))?;
        let text = answer.body_mut().read_to_string().with_context(|| format!("{url} broke off its answer"))?;
        let keys: Option<Json> = serde_json::from_str(&text).ok().filter(|_| answer.status().is_success());
        let key = |name: &str| keys.as_ref().and_then(|keys| keys[name].as_str()).map(str::to_owned);
        match (key("write_key"), key("admin_key")) {
            (Some(write_key), Some(admin_key)) => Ok(Self { agent, url: url.to_owned(), write_key, admin_key }),
            _ => bail!("{url} shows no development keys; invented visits go to `cargo xtask dev` only"),
        }
    }

    fn send(&self, batch: &[Json]) -> Result<Json> {
        let body = json!({ "writeKey": self.write_key, "sentAt": now().to_rfc3339(), "batch": batch });
        self.ask(Request::post(format!("{}/v1/batch", self.url)), &body)
    }

    /// Asks as the site's own people do.
    fn manage(&self, method: Method, path: &str, body: &Json) -> Result<Json> {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        self.ask(request.header("authorization", format!("Bearer {}", self.admin_key)), body)
    }

    fn ask(&self, request: Builder, body: &Json) -> Result<Json> {
        let request = request.header("content-type", "application/json").body(body.to_string())?;
        let mut answer = self.agent.run(request).with_context(|| format!("cannot reach {}", self.url))?;
        let status = answer.status();
        let text = answer.body_mut().read_to_string().with_context(|| format!("{} broke off its answer", self.url))?;
        if !status.is_success() {
            bail!("{} answered {status}: {text}", self.url);
        }
        serde_json::from_str(&text).with_context(|| format!("{} did not answer as Orilla does", self.url))
    }
}
