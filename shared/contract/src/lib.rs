//! The behaviour suite every host must pass: one `pub async fn` per number of the contracts in `orilla_core::ports`.
//!
//! Holds no `#[test]`: each host runs it where it lives (natively, inside workerd, inside Spin) and hands back a [`Report`].

pub mod fetch;
mod gaps;
pub mod kv;
mod peer;
pub mod platform;
mod report;
pub mod sql;

use std::fmt::{Debug, Write};

use orilla_core::{Platform, Random};

pub use self::gaps::{Gap, Host, KNOWN_GAPS};
pub use self::peer::Peer;
pub use self::report::{Finding, Report, Verdict};

/// What a test needs: the host under test, a peer to call, and a word that no other run has used.
#[derive(Debug)]
pub struct Case<'a, P> {
    /// The host under test.
    pub platform: &'a P,
    /// Who answers its outbound requests.
    pub peer: &'a Peer,
    /// Makes the names of tables and keys its own; lower-case hexadecimal.
    pub nonce: String,
}

/// A promise kept, or in what way it was not.
pub type Outcome = Result<(), Broken>;

/// How a promise was broken, for a person to read.
///
/// Without `Debug` on purpose: so `?` can turn anything that has it into this.
pub struct Broken(String);

impl Broken {
    /// The sentence.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<E: Debug> From<E> for Broken {
    fn from(error: E) -> Self {
        Self(format!("{error:?}"))
    }
}

/// Claims that something holds.
fn claim(holds: bool, otherwise: impl Into<String>) -> Outcome {
    if holds { Ok(()) } else { Err(Broken(otherwise.into())) }
}

/// Claims that two things are equal.
fn same<T: PartialEq + Debug>(what: &str, got: &T, expected: &T) -> Outcome {
    if got == expected {
        return Ok(());
    }
    // A megabyte of bytes tells nobody anything.
    let brief = |value: &T| format!("{value:?}").chars().take(200).collect::<String>();
    Err(Broken(format!("{what}: got {}, expected {}", brief(got), brief(expected))))
}

/// Runs every item, in order, whatever the others do.
pub async fn run<P: Platform>(platform: &P, peer: &Peer) -> Report {
    let case = &Case { platform, peer, nonce: nonce(platform) };
    let mut report = Report::default();
    report.add("platform.1", platform::missing_stores_are_named(case).await);
    report.add("platform.2", platform::unset_and_empty_variables_are_none(case).await);
    report.add("platform.3", platform::deferred_work_does_not_run_at_once(case).await);
    report.add("platform.4", platform::one_meter_counts_for_a_whole_instance(case).await);
    report.add("sql.1", sql::values_come_back_as_they_went_in(case).await);
    report.add("sql.2", sql::integers_beyond_2_53_are_refused(case).await);
    report.add("sql.3", sql::lists_beyond_100_parameters_go_through_json(case).await);
    report.add("sql.4", sql::a_batch_happens_whole_or_not_at_all(case).await);
    report.add("sql.5", sql::a_batch_gives_rows_per_statement(case).await);
    report.add("sql.6", sql::errors_are_told_apart(case).await);
    report.add("sql.7", sql::statements_see_the_writes_before_them(case).await);
    report.add("sql.8", sql::a_thousand_rows_come_whole_and_in_order(case).await);
    report.add("sql.9", sql::no_transaction_stays_open(case).await);
    report.add("sql.10", sql::batches_of_a_lane_stand_alone(case).await);
    report.add("kv.1", kv::values_come_back_byte_for_byte(case).await);
    report.add("kv.2", kv::unknown_and_deleted_keys_give_none(case).await);
    report.add("kv.3", kv::keys_are_any_utf8_within_bounds(case).await);
    report.add("kv.4", kv::values_have_a_longest_length(case).await);
    report.add("kv.5", kv::put_replaces_and_short_expiry_is_lengthened(case).await);
    report.add("kv.6", kv::deleting_an_unknown_key_succeeds(case).await);
    report.add("fetch.1", fetch::requests_and_answers_arrive_as_given(case).await);
    report.add("fetch.2", fetch::the_deadline_ends_head_and_body(case).await);
    report.add("fetch.3", fetch::the_cap_ends_a_body(case).await);
    report.add("fetch.4", fetch::redirects_are_answers(case).await);
    report.add("fetch.5", fetch::names_of_private_addresses_are_refused(case).await);
    report.add("fetch.6", fetch::a_closed_port_is_a_failed_connection(case).await);
    report.add("fetch.7", fetch::bodies_stream(case).await);
    report.add("clock.1", platform::the_clock_shows_utc_in_milliseconds(case).await);
    report.add("random.1", platform::random_bytes_never_repeat(case).await);
    report
}

fn nonce(platform: &impl Platform) -> String {
    let mut bytes = [0; 8];
    platform.random().fill(&mut bytes);
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// Every number of every trait's contract in `ports.rs`, as `sql.4`.
    fn promised() -> BTreeSet<String> {
        let ports = include_str!("../../core/src/ports.rs");
        let mut promised = BTreeSet::new();
        let mut numbers = Vec::new();
        for line in ports.lines() {
            if let Some(name) = line.strip_prefix("pub trait ").and_then(|rest| rest.split(':').next()) {
                promised.extend(numbers.drain(..).map(|number: String| format!("{}.{number}", name.to_lowercase())));
            } else if let Some((number, _)) = line.strip_prefix("/// ").and_then(|rest| rest.split_once(". ")) {
                numbers.extend(number.parse::<u8>().ok().map(|number| number.to_string()));
            } else if !line.starts_with("///") {
                numbers.clear();
            }
        }
        promised
    }

    #[test]
    fn every_number_of_the_contracts_is_an_item_and_nothing_else() {
        let source = include_str!("lib.rs").split("#[cfg(test)]").next().unwrap();
        let items = source.split("report.add(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        let items: BTreeSet<_> = items.collect();
        assert!(promised().len() > 20, "the contracts were not found");
        assert_eq!(items, promised());
    }
}
