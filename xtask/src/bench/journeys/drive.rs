//! An open loop: each request is sent at its time, whether earlier ones are answered or not, and its latency counts from that time.
//! Where no sender is free the request is late, and the wait is part of what its visitor felt.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::plan::Step;
use crate::bench::http::Client;
use crate::bench::load::Shot;

/// What came of one request.
#[derive(Debug)]
pub struct Done {
    pub step: Step,
    /// From the time that was planned to the whole answer.
    pub latency: Duration,
    /// How late it was sent.
    pub late: Duration,
    /// The answer, or what went wrong.
    pub outcome: Result<Json, String>,
}

/// Sends everything, by so many senders with a connection each.
pub fn drive(port: u16, steps: &[Step], senders: usize, shot: &(dyn Fn(&Step) -> (Shot, u16) + Sync)) -> Vec<Done> {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::with_capacity(steps.len()));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..senders {
            scope.spawn(|| {
                let (mut client, mut used) = (Client::new(port), Instant::now());
                let mut own = Vec::new();
                while let Some(step) = steps.get(next.fetch_add(1, Ordering::Relaxed)) {
                    own.push(send(&mut client, used, began, step, port, shot));
                    used = Instant::now();
                }
                if let Ok(mut all) = all.lock() {
                    all.append(&mut own);
                }
            });
        }
    });
    let mut all = all.into_inner().unwrap_or_default();
    all.sort_by_key(|done| (done.step.at, done.step.visitor));
    all
}

fn send(client: &mut Client, used: Instant, began: Instant, step: &Step, port: u16, shot: &(dyn Fn(&Step) -> (Shot, u16) + Sync)) -> Done {
    let due = began + step.at;
    // A moment ahead, so that what is made here is no part of the latency.
    std::thread::sleep(due.saturating_duration_since(Instant::now()).saturating_sub(AHEAD));
    let (Shot { path, headers, body }, wanted) = shot(step);
    if used.elapsed() > IDLE {
        *client = Client::new(port);
    }
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
    let late = due.elapsed();
    let answer = client.post(path, &headers, &body);
    let latency = due.elapsed();
    let outcome = match answer {
        Err(error) => Err(error.to_string()),
        Ok(answer) if answer.status == wanted => serde_json::from_slice(&answer.body).map_err(|error| format!("no JSON: {error}")),
        Ok(answer) => Err(format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body).chars().take(200).collect::<String>())),
    };
    Done { step: *step, latency, late, outcome }
}

/// Chosen: a hundred times what making a request takes.
const AHEAD: Duration = Duration::from_millis(5);
/// How long a connection may rest before another is opened, as a server may be about to close it. Chosen: below every host's own limit.
const IDLE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    use super::*;
    use crate::bench::journeys::plan::Route;

    /// Answers each connection's requests one by one, each after this long.
    fn slow(pause: Duration) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    let mut line = String::new();
                    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
                        if line == "\r\n" {
                            std::thread::sleep(pause);
                            reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
                        }
                        line.clear();
                    }
                });
            }
        });
        port
    }

    #[test]
    fn whoever_waits_for_a_slow_server_is_counted_as_waiting() {
        let port = slow(Duration::from_millis(100));
        let step = |visitor| Step { at: Duration::from_millis(20), route: Route::View, visitor, nth: 0 };
        let steps: Vec<_> = (0..3).map(step).collect();
        let shot = |_: &Step| (Shot { path: "/", headers: String::new(), body: String::new() }, 200);
        let mut latencies: Vec<_> = drive(port, &steps, 1, &shot).into_iter().map(|done| (done.outcome.is_ok(), done.latency)).collect();
        latencies.sort();
        let millis: Vec<_> = latencies.iter().map(|(_, latency)| latency.as_millis()).collect();
        assert!(latencies.iter().all(|(is_good, _)| *is_good));
        // One sender for three requests of the same moment: the last one's visitor waited for the others, too.
        assert!(millis[0] >= 100 && millis[1] >= 200 && millis[2] >= 300, "{millis:?}");
        let wide = drive(port, &steps, 3, &shot);
        assert!(wide.iter().all(|done| done.latency < Duration::from_millis(200)), "{wide:?}");
    }

    #[test]
    fn another_status_is_an_error_that_tells_it() {
        let port = slow(Duration::ZERO);
        let step = Step { at: Duration::ZERO, route: Route::View, visitor: 0, nth: 0 };
        let done = drive(port, &[step], 1, &|_| (Shot { path: "/", headers: String::new(), body: String::new() }, 201));
        assert_eq!(done[0].outcome, Err("200: {}".to_owned()));
    }
}
