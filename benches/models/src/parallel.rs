//! Work on all cores of the machine.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The outcomes of all jobs, in the order of the jobs.
///
/// Errors: the first of a job, by the jobs' order.
pub fn map<J: Sync, R: Send, E: Send>(jobs: &[J], work: impl Fn(&J) -> Result<R, E> + Sync) -> Result<Vec<R>, E> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(jobs.len()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores.min(jobs.len()) {
            scope.spawn(|| {
                while let Some((index, job)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, jobs.get(at)?))) {
                    let outcome = work(job);
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, outcome));
                }
            });
        }
    });
    let mut outcomes = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    outcomes.sort_by_key(|outcome| outcome.0);
    outcomes.into_iter().map(|outcome| outcome.1).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn outcomes_stand_in_the_order_of_their_jobs() {
        let jobs: Vec<u32> = (0..100).collect();
        let double = |job: &u32| if *job == 200 { Err(()) } else { Ok(job * 2) };
        assert_eq!(super::map(&jobs, double), Ok((0..100).map(|job| job * 2).collect()));
        assert_eq!(super::map(&[1, 200], double), Err(()));
        assert_eq!(super::map(&[], double), Ok(vec![]));
    }
}
