//! `cargo xtask demo`: weeks of invented visits to the demo's page, sent as any client sends its events, so that a newcomer's
//! analytics are not empty. It goes to development servers only: it takes the write key that those show.

mod story;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};
use ureq::Agent;

use crate::args::Args;
use crate::clock::now;

/// Chosen: a batch takes a slow machine a second or two.
const DEADLINE: Duration = Duration::from_secs(60);
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
}

impl Server {
    fn find(url: &str) -> Result<Self> {
        let agent = Agent::new_with_config(Agent::config_builder().timeout_global(Some(DEADLINE)).http_status_as_error(false).build());
        let mut answer = agent
            .get(format!("{url}/demo/keys.json"))
            .call()
            .with_context(|| format!("nothing answers at {url}; start `cargo xtask dev`, or name another with --to"))?;
        let text = answer.body_mut().read_to_string().with_context(|| format!("{url} broke off its answer"))?;
        let keys: Option<Json> = serde_json::from_str(&text).ok().filter(|_| answer.status().is_success());
        match keys.as_ref().and_then(|keys| keys["write_key"].as_str()) {
            Some(key) => Ok(Self { agent, url: url.to_owned(), write_key: key.to_owned() }),
            None => bail!("{url} shows no development keys; invented visits go to `cargo xtask dev` only"),
        }
    }

    fn send(&self, batch: &[Json]) -> Result<Json> {
        let body = json!({ "writeKey": self.write_key, "sentAt": now().to_rfc3339(), "batch": batch });
        let request = self.agent.post(format!("{}/v1/batch", self.url)).content_type("application/json");
        let mut answer = request.send(body.to_string()).with_context(|| format!("cannot reach {}", self.url))?;
        let status = answer.status();
        let text = answer.body_mut().read_to_string().with_context(|| format!("{} broke off its answer", self.url))?;
        if !status.is_success() {
            bail!("{} answered {status}: {text}", self.url);
        }
        serde_json::from_str(&text).with_context(|| format!("{} did not answer as Orilla does", self.url))
    }
}
