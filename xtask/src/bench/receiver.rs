//! A receiver of webhooks: takes all, answers 204, and remembers which lead or ticket came under which webhook id, and how often.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};

use super::http::{exactly, line};

/// Webhook ids, and how often each came, by the mailbox of the lead or the id of the ticket that they tell of.
type Seen = BTreeMap<String, BTreeMap<String, usize>>;

/// Listens until the process ends.
#[derive(Debug)]
pub struct Receiver {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Receiver {
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port for the receiver of webhooks")?;
        let port = listener.local_addr()?.port();
        let seen = Arc::new(Mutex::new(Seen::new()));
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&shared);
                // A sender that hangs up or sends no HTTP is one that delivers nothing, which the count shows.
                std::thread::spawn(move || drop(receive(stream, &seen)));
            }
        });
        Ok(Self { port, seen })
    }

    /// How many leads were told of.
    pub fn leads(&self) -> usize {
        self.seen.lock().map_or(0, |seen| seen.len())
    }

    /// How many different webhook ids arrived.
    pub fn ids(&self) -> usize {
        self.seen.lock().map_or(0, |seen| seen.values().flat_map(BTreeMap::keys).collect::<BTreeSet<_>>().len())
    }

    /// How many webhooks arrived of each lead and ticket.
    pub fn told(&self) -> BTreeMap<String, usize> {
        self.seen.lock().map_or_else(|_| BTreeMap::new(), |seen| seen.iter().map(|(of, ids)| (of.clone(), ids.values().sum())).collect())
    }
}

/// Reads deliveries off one connection until the sender closes it.
fn receive(stream: TcpStream, seen: &Mutex<Seen>) -> io::Result<()> {
    let mut connection = BufReader::new(stream);
    loop {
        line(&mut connection)?;
        let (mut id, mut length) = (String::new(), 0);
        loop {
            let header = line(&mut connection)?;
            let Some((name, value)) = header.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "webhook-id" => id = value.trim().to_owned(),
                "content-length" => length = value.trim().parse().unwrap_or_default(),
                _ => {}
            }
        }
        let body = exactly(&mut connection, length)?;
        let body: serde_json::Value = serde_json::from_slice(&body).map_err(io::Error::other)?;
        let (lead, ticket) = (&body["data"]["lead"]["email"], &body["data"]["ticket"]["id"]);
        let of = lead.as_str().or(ticket.as_str()).unwrap_or_default().to_owned();
        if let Ok(mut seen) = seen.lock() {
            *seen.entry(of).or_default().entry(id).or_default() += 1;
        }
        connection.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?;
    }
}
