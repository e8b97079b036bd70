//! The lost-answers run: clients throw answers away and send the same submission again, until they have read one.
//! Afterwards exactly the submissions stand in the store, each told under exactly one webhook id.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::http::Client;
use super::load::Shot;
use super::receiver::Receiver;
use super::server::{Builds, Server, Setup, Stored};
use super::visitor::submission;

/// Chosen: enough that commits are shared and retries meet their first attempts.
const CLIENTS: usize = 16;
/// How often a client throws the answer away before it keeps one. Chosen: no client tries for ever.
const MOST_LOSSES: u64 = 6;
/// How long webhooks may take to arrive after the last answer, at least; one more second for each hundred.
const DELIVERY: Duration = Duration::from_secs(60);

/// What was seen.
#[derive(Debug)]
pub struct Outcome {
    pub submissions: u64,
    pub attempts: u64,
    pub lost: u64,
    pub stored: Stored,
    pub webhook_ids: usize,
    pub took: Duration,
    pub delivered_after: Duration,
}

/// Sends this many submissions to a native server of its own.
///
/// Errors: if one submission is stored twice or not at all, or told under two ids or none.
pub fn run(builds: &Builds, data: &Path, submissions: u64) -> Result<Outcome> {
    let receiver = Receiver::start()?;
    let server = Server::native(&builds.native, data, &Setup::default(), Some(receiver.port))?;
    let (next, attempts, lost) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let began = Instant::now();
    std::thread::scope(|scope| {
        let client = || {
            let mut client = Client::new(server.port);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= submissions {
                    return Ok(());
                }
                let losses = insist(&mut client, &submission(number), number)?;
                attempts.fetch_add(losses + 1, Ordering::Relaxed);
                lost.fetch_add(losses, Ordering::Relaxed);
            }
        };
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        clients.into_iter().try_for_each(|client| client.join().unwrap_or_else(|_| bail!("a client panicked")))
    })?;
    let took = began.elapsed();

    let deadline = DELIVERY + Duration::from_secs(submissions / 100);
    while (receiver.leads() as u64) < submissions && began.elapsed() < took + deadline {
        std::thread::sleep(Duration::from_millis(100));
    }
    let delivered_after = began.elapsed() - took;
    // Whatever would arrive twice has had its second chance by then.
    std::thread::sleep(Duration::from_secs(2));
    let stored = server.stored()?.unwrap_or(Stored { accepted: 0, quarantined: 0, leads: 0 });
    let (attempts, lost) = (attempts.into_inner(), lost.into_inner());
    let outcome = Outcome { submissions, attempts, lost, stored, webhook_ids: receiver.ids(), took, delivered_after };
    let wanted = Stored { accepted: submissions, quarantined: 0, leads: submissions };
    ensure!(outcome.stored == wanted, "stored is {:?}, not {wanted:?}", outcome.stored);
    ensure!(receiver.leads() as u64 == submissions, "{} leads were told of, not {submissions}", receiver.leads());
    ensure!(outcome.webhook_ids as u64 == submissions, "{} webhook ids arrived, not {submissions}", outcome.webhook_ids);
    Ok(outcome)
}

/// Sends one submission until an answer is kept; gives the number of answers thrown away.
///
/// Half of the lost answers are never read, because the client hangs up; half are read and ignored.
fn insist(client: &mut Client, submission: &Shot, number: u64) -> Result<u64> {
    let Shot { path, headers, body } = submission;
    let mut attempt = 0;
    loop {
        let chance = scrambled(number * (MOST_LOSSES + 1) + attempt);
        let is_lost = attempt < MOST_LOSSES && chance % 10 < 3;
        if is_lost && (chance / 10).is_multiple_of(2) {
            client.post_and_leave(path, headers, body)?;
        } else {
            let answer = client.post(path, headers, body)?;
            ensure!(answer.status == 201, "submission {number} was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
            if !is_lost {
                return Ok(attempt);
            }
        }
        attempt += 1;
    }
}

/// A number that looks random and is the same in every run. Source: SplitMix64's finaliser.
fn scrambled(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::scrambled;

    #[test]
    fn three_of_ten_answers_are_lost() {
        let lost = (0..10_000).filter(|number| scrambled(*number) % 10 < 3).count();
        assert!((2_850..3_150).contains(&lost), "{lost}");
    }
}
