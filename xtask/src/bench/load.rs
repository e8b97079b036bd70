//! A closed loop: so many clients, each sends the next request when the last one is answered.
//! Whoever waits is not replaced, so a slow server is asked less; latencies are what a client saw, connection set-up included once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::http::Client;

/// One request of a load.
#[derive(Debug)]
pub struct Shot {
    pub path: &'static str,
    /// Header lines, each with its end.
    pub headers: String,
    /// JSON.
    pub body: String,
}

/// What is sent.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// The request with a number.
    pub shot: &'a (dyn Fn(u64) -> Shot + Sync),
    /// The status that says that it is stored.
    pub done: u16,
}

/// How much to send.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub clients: usize,
    pub requests: usize,
    /// Nothing new is sent after this long.
    pub limit: Duration,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Round {
    /// Of requests that were stored, sorted.
    pub latencies: Vec<Duration>,
    /// How often one was sent again because the server was busy.
    pub retries: usize,
    pub took: Duration,
}

/// What a client tries before it gives up. Chosen: as often as a patient person would.
const TRIES: u32 = 10;

impl Load {
    /// Sends requests with numbers that nobody has used.
    ///
    /// Errors: with the first answer that said neither "stored" nor "try again".
    pub fn run(&self, port: u16, numbers: &AtomicU64, work: Work<'_>) -> Result<Round> {
        let left = AtomicUsize::new(self.requests);
        let total = Mutex::new(Round::default());
        let began = Instant::now();
        std::thread::scope(|scope| {
            let clients: Vec<_> =
                (0..self.clients).map(|_| scope.spawn(|| self.client(port, numbers, work, &left, began, &total))).collect();
            clients.into_iter().try_for_each(|client| client.join().unwrap_or_else(|_| bail!("a client panicked")))
        })?;
        let mut round = total.into_inner().unwrap_or_default();
        round.took = began.elapsed();
        round.latencies.sort_unstable();
        if round.latencies.is_empty() {
            bail!("no request was answered within {} s", self.limit.as_secs());
        }
        Ok(round)
    }

    fn client(
        &self,
        port: u16,
        numbers: &AtomicU64,
        work: Work<'_>,
        left: &AtomicUsize,
        began: Instant,
        total: &Mutex<Round>,
    ) -> Result<()> {
        let mut client = Client::new(port);
        let mut own = Round::default();
        while began.elapsed() < self.limit && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok() {
            let shot = (work.shot)(numbers.fetch_add(1, Ordering::Relaxed));
            let sent = Instant::now();
            let mut tries = 0;
            loop {
                let answer = client.post(shot.path, &shot.headers, &shot.body)?;
                tries += 1;
                match answer.status {
                    status if status == work.done => break,
                    429 | 503 if tries < TRIES => own.retries += 1,
                    status => bail!("a request was answered {status}: {}", String::from_utf8_lossy(&answer.body)),
                }
            }
            own.latencies.push(sent.elapsed());
        }
        if let Ok(mut total) = total.lock() {
            total.latencies.append(&mut own.latencies);
            total.retries += own.retries;
        }
        Ok(())
    }
}

/// The value below which this share of the sorted values lies, by nearest rank; zero if there are none.
pub fn quantile<T: Copy + Default>(sorted: &[T], share: f64) -> T {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn takes_the_nearest_rank() {
        let hundred: Vec<u32> = (1..=100).collect();
        assert_eq!((quantile(&hundred, 0.5), quantile(&hundred, 0.99), quantile(&hundred, 1.0)), (50, 99, 100));
        assert_eq!((quantile(&[7], 0.5), quantile(&[7], 0.99), quantile::<u32>(&[], 0.5)), (7, 7, 0));
        assert_eq!(quantile(&[1, 2, 3], 0.5), 2);
    }
}
