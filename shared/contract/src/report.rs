//! What a run found, and whether that is what the table of known gaps says.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::gaps::{Gap, Host, KNOWN_GAPS};

/// What a run found, item by item; travels as JSON out of an edge host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// In the order they ran.
    pub results: Vec<Finding>,
}

/// What was found of one promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Port and number, such as `sql.4`.
    pub item: String,
    /// How the promise was broken, if it was.
    pub failure: Option<String>,
}

impl Report {
    pub(crate) fn add(&mut self, item: &str, outcome: Outcome) {
        let failure = outcome.err().map(crate::Broken::into_string);
        self.results.push(Finding { item: item.to_owned(), failure });
    }

    /// Holds the findings against the known gaps of `host`.
    #[must_use]
    pub fn judge(&self, host: Host) -> Verdict {
        self.judge_by(host, KNOWN_GAPS)
    }

    fn judge_by(&self, host: Host, gaps: &[Gap]) -> Verdict {
        let mut verdict = Verdict { host, passed: 0, gaps: Vec::new(), failures: Vec::new() };
        let gap_of = |item: &str| gaps.iter().find(|gap| gap.host == host && gap.item == item);
        for Finding { item, failure } in &self.results {
            match (failure, gap_of(item)) {
                (None, None) => verdict.passed += 1,
                (Some(_), Some(gap)) => verdict.gaps.push(format!("{item}: {}", gap.reason)),
                (Some(failure), None) => verdict.failures.push(format!("{item}: {failure}")),
                (None, Some(_)) => verdict.failures.push(format!("{item}: passes, yet stands in the table of known gaps: remove it there")),
            }
        }
        let is_run = |item: &str| self.results.iter().any(|finding| finding.item == item);
        let unknown = gaps.iter().filter(|gap| gap.host == host && !is_run(gap.item));
        verdict.failures.extend(unknown.map(|gap| format!("{}: a known gap that no test has", gap.item)));
        if self.results.is_empty() {
            verdict.failures.push("nothing ran".to_owned());
        }
        verdict
    }
}

/// What a run means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Where it ran.
    pub host: Host,
    /// How many promises were kept.
    pub passed: usize,
    /// The known gaps, with their reasons.
    pub gaps: Vec<String>,
    /// What must be repaired: broken promises, and gaps that have closed.
    pub failures: Vec<String>,
}

impl Verdict {
    /// Whether nothing must be repaired.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, passed, gaps, failures } = self;
        write!(f, "contract on {host}: {passed} passed, {} known gaps, {} failed", gaps.len(), failures.len())?;
        gaps.iter().try_for_each(|gap| write!(f, "\n  gap  {gap}"))?;
        failures.iter().try_for_each(|failure| write!(f, "\n  FAIL {failure}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAPS: &[Gap] = &[Gap { host: Host::Spin, item: "sql.2", reason: "why" }];

    #[track_caller]
    fn check(results: &[(&str, Option<&str>)], host: Host, expect: (usize, usize, usize)) {
        let finding = |(item, failure): &(&str, Option<&str>)| Finding { item: (*item).to_owned(), failure: failure.map(str::to_owned) };
        let verdict = Report { results: results.iter().map(finding).collect() }.judge_by(host, GAPS);
        assert_eq!((verdict.passed, verdict.gaps.len(), verdict.failures.len()), expect, "{verdict}");
    }

    #[test]
    fn a_gap_must_be_known_and_must_still_be_one() {
        check(&[("sql.1", None), ("sql.2", Some("no"))], Host::Spin, (1, 1, 0));
        check(&[("sql.1", None), ("sql.2", Some("no"))], Host::Native, (1, 0, 1));
        check(&[("sql.1", None), ("sql.2", None)], Host::Spin, (1, 0, 1));
        check(&[("sql.1", None)], Host::Spin, (1, 0, 1));
        check(&[], Host::Native, (0, 0, 1));
    }
}
