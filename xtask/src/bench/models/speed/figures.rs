//! What a piece of work costs: asked for many times, less the question itself.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::Pace;
use super::subject::Subject;
use crate::bench::load::quantile;

/// The medians of all rounds, for one repetition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// As a clock outside sees it.
    pub wall: Duration,
    /// Of the processor.
    pub cpu: Duration,
}

/// The most repetitions in one question.
const MOST: f64 = 1e6;

/// Finds how many repetitions fill the time, then measures them.
///
/// Errors: as the subject.
pub fn cost(subject: &mut Subject, question: &Json, pace: Pace) -> Result<Cost> {
    let repeated = |times: u64| merged(question, times);
    // Once unmeasured: an encoder opens, a compiler warms up.
    subject.ask(&repeated(1))?;
    let (nothing, _) = subject.timed(&repeated(0))?;
    let mut times = 1;
    let mut took = Duration::ZERO;
    for _ in 0..4 {
        took = subject.timed(&repeated(times))?.0.saturating_sub(nothing);
        if took.as_secs_f64() > pace.seconds / 4.0 {
            break;
        }
        times = ((pace.seconds / 2.0 / took.as_secs_f64().max(1e-6)).min(20.0) * times as f64).min(MOST).ceil() as u64;
    }
    times = (pace.seconds / took.as_secs_f64().max(1e-6) * times as f64).clamp(1.0, MOST).ceil() as u64;

    let (mut walls, mut cpus) = (Vec::new(), Vec::new());
    for _ in 0..pace.rounds {
        let idle = subject.cost_of(&repeated(0))?;
        let work = subject.cost_of(&repeated(times))?;
        let each = |work: Duration, idle: Duration| Duration::from_secs_f64(work.saturating_sub(idle).as_secs_f64() / times as f64);
        walls.push(each(work.wall, idle.wall));
        cpus.push(each(work.cpu, idle.cpu));
    }
    walls.sort_unstable();
    cpus.sort_unstable();
    Ok(Cost { wall: quantile(&walls, 0.5), cpu: quantile(&cpus, 0.5) })
}

fn merged(question: &Json, times: u64) -> Json {
    let mut question = question.clone();
    question["times"] = json!(times);
    question
}
