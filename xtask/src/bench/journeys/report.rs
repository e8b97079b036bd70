//! The section of `BENCHMARKS.md`: each route's latencies on each host, what the servers took, what is there afterwards.

use std::fmt::Write as _;
use std::time::Duration;

use super::audit::Kept;
use super::drive::Done;
use super::plan::Route;
use crate::bench::load::quantile;

/// One host's run.
#[derive(Debug)]
pub struct Run {
    pub host: &'static str,
    pub done: Vec<Done>,
    /// From the first planned moment to the last answer.
    pub took: Duration,
    pub cpu: Duration,
    /// Before, and the most that was seen.
    pub resident: (u64, u64),
    pub kept: Kept,
}

/// One route's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Figures {
    requests: usize,
    errors: usize,
    p50: Duration,
    p95: Duration,
    p99: Duration,
    most: Duration,
}

impl Figures {
    /// Of the requests on these routes; latencies are those of good answers.
    fn of(done: &[Done], is_wanted: impl Fn(Route) -> bool) -> Self {
        let wanted: Vec<&Done> = done.iter().filter(|done| is_wanted(done.step.route)).collect();
        let mut good: Vec<Duration> = wanted.iter().filter(|done| done.outcome.is_ok()).map(|done| done.latency).collect();
        good.sort_unstable();
        Self {
            requests: wanted.len(),
            errors: wanted.len() - good.len(),
            p50: quantile(&good, 0.5),
            p95: quantile(&good, 0.95),
            p99: quantile(&good, 0.99),
            most: quantile(&good, 1.0),
        }
    }
}

/// The whole section.
pub fn markdown(command: &str, machine: &str, runs: &[Run], visitors: u32, period: Duration) -> String {
    format!(
        include_str!("../journeys.md.in"),
        command = command,
        machine = machine.trim_end(),
        visitors = visitors,
        seconds = period.as_secs(),
        routes = runs.iter().map(routes).collect::<Vec<_>>().join("\n"),
        servers = servers(runs).trim_end(),
        kept = kept(runs).trim_end(),
        seed = seed(runs).trim_end(),
    )
}

fn routes(run: &Run) -> String {
    let mut text = format!("| {} | requests | errors | p50 | p95 | p99 | slowest |\n|---|---:|---:|---:|---:|---:|---:|\n", run.host);
    let mut row = |title: &str, it: Figures| {
        let times = [it.p50, it.p95, it.p99, it.most].map(millis).join(" | ");
        let _ = writeln!(text, "| {title} | {} | {} | {times} |", it.requests, it.errors);
    };
    for route in Route::ALL {
        row(route.title(), Figures::of(&run.done, |it| it == route));
    }
    row("all", Figures::of(&run.done, |_| true));
    text
}

fn servers(runs: &[Run]) -> String {
    let mut text = String::from("| | CPU | of one core | memory before | most | sent late, p99 |\n|---|---:|---:|---:|---:|---:|\n");
    for run in runs {
        let mut late: Vec<Duration> = run.done.iter().map(|done| done.late).collect();
        late.sort_unstable();
        let share = run.cpu.as_secs_f64() / run.took.as_secs_f64() * 100.0;
        let [before, most] = [run.resident.0, run.resident.1].map(|bytes| bytes as f64 / (1024.0 * 1024.0));
        let (cpu, late) = (run.cpu.as_secs_f64(), millis(quantile(&late, 0.99)));
        let _ = writeln!(text, "| {} | {cpu:.1} s | {share:.0} % | {before:.0} MB | {most:.0} MB | {late} |", run.host);
    }
    text
}

fn kept(runs: &[Run]) -> String {
    let mut text = String::from(
        "| | events | leads | conversations | tickets | documents | webhooks | the last webhook, after the last answer |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for Run { host, kept: it, .. } in runs {
        let counts =
            [it.events, it.leads, it.conversations, it.tickets, it.documents, it.webhooks].map(|count| count.to_string()).join(" | ");
        let _ = writeln!(text, "| {host} | {counts} | {:.1} s |", it.after.as_secs_f64());
    }
    text
}

/// Beside the seed's promise.
fn seed(runs: &[Run]) -> String {
    let mut text = String::from("| | asked for |");
    runs.iter().for_each(|run| _ = write!(text, " {} |", run.host));
    let _ = writeln!(text, "\n|---|---:|{}", "---:|".repeat(runs.len()));
    let mut row = |title: &str, wanted: &str, value: &dyn Fn(&Run, Figures) -> String| {
        let cells: Vec<String> = runs.iter().map(|run| value(run, Figures::of(&run.done, |_| true))).collect();
        let _ = writeln!(text, "| {title} | {wanted} | {} |", cells.join(" | "));
    };
    row("answered within", "2 s", &|_, all| format!("{} (p99), {} (slowest)", millis(all.p99), millis(all.most)));
    row("requests a minute", "100", &|run, all| format!("{:.0}", all.requests as f64 * 60.0 / run.took.as_secs_f64()));
    row("answered without error", "99.9 %", &|_, all| {
        format!("{:.2} %", (all.requests - all.errors) as f64 * 100.0 / all.requests.max(1) as f64)
    });
    text
}

fn millis(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1e3;
    if millis < 10.0 { format!("{millis:.1} ms") } else { format!("{millis:.0} ms") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::bench::journeys::plan::Step;

    fn done(route: Route, millis: u64, is_good: bool) -> Done {
        let step = Step { at: Duration::ZERO, route, visitor: 0, nth: 0 };
        let outcome = if is_good { Ok(json!({})) } else { Err("503: busy".to_owned()) };
        Done { step, latency: Duration::from_millis(millis), late: Duration::ZERO, outcome }
    }

    #[test]
    fn figures_are_of_good_answers_and_errors_are_counted() {
        let mut all: Vec<_> = (1..=100).map(|millis| done(Route::View, millis, true)).collect();
        all.push(done(Route::View, 9_000, false));
        all.push(done(Route::Ask, 300, true));
        let views = Figures::of(&all, |route| route == Route::View);
        let times = [views.p50, views.p95, views.p99, views.most].map(|it| it.as_millis());
        assert_eq!((views.requests, views.errors, times), (101, 1, [50, 95, 99, 100]));
        assert_eq!(Figures::of(&all, |_| true).requests, 102);
        assert_eq!(Figures::of(&all, |route| route == Route::Judge).p99, Duration::ZERO);
    }

    #[test]
    fn a_report_has_each_host_beside_what_was_asked_for() {
        let kept = Kept { events: 1, leads: 0, conversations: 0, tickets: 0, documents: 0, webhooks: 0, after: Duration::from_secs(1) };
        let run = Run {
            host: "native",
            done: vec![done(Route::View, 4, true), done(Route::View, 5, false)],
            took: Duration::from_secs(60),
            cpu: Duration::from_secs(6),
            resident: (1 << 20, 3 << 20),
            kept,
        };
        let text = markdown("c", "m", &[run], 2, Duration::from_secs(60));
        for expect in ["| native | 6.0 s | 10 % | 1 MB | 3 MB |", "| requests a minute | 100 | 2 |", "| 99.9 % | 50.00 % |", "4.0 ms (p99)"]
        {
            assert!(text.contains(expect), "{expect} is missing in\n{text}");
        }
    }
}
