//! Histories straight into the store: many people with a few events each, for tests that count them a second way.

use chrono::{DateTime, TimeDelta, Utc};
use orilla_core::sql::Statement;
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Shore, at};

/// One event of a made history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub person: usize,
    pub name: &'static str,
    pub at: DateTime<Utc>,
    pub sequence: i64,
    pub plan: Option<&'static str>,
}

/// Stores them as a site's only events; what is called `/…` is a view of that path.
pub async fn tell(shore: &Shore, site: &str, history: &[Told]) {
    shore.host.rows(Statement::new("DELETE FROM events WHERE site_id = ?1").bind(site)).await;
    let rows: Vec<_> = history
        .iter()
        .map(|told| {
            let properties = told.plan.map_or_else(|| json!({}), |plan| json!({ "plan": plan }));
            json!([format!("p{}", told.person), told.name, told.at.timestamp_millis(), told.sequence, properties.to_string()])
        })
        .collect();
    shore
        .host
        .rows(
            Statement::new(
                "INSERT INTO events (site_id, source, message_id, type, name, visitor_id, person_id, session_id, sequence, occurred_at, \
                   received_at, path, properties, context) \
                 SELECT ?1, 'test', e.key, iif(e.value ->> 1 LIKE '/%', 'page', 'track'), e.value ->> 1, e.value ->> 0, e.value ->> 0, 's', \
                   e.value ->> 3, e.value ->> 2, e.value ->> 2, e.value ->> 1, e.value ->> 4, '{}' FROM json_each(?2) e",
            )
            .bind(site)
            .bind(json!(rows).to_string()),
        )
        .await;
}

/// Small histories around `start`, a quarter of `unit` apart, so that much of it happens at one moment.
pub fn histories(start: &'static str, unit: TimeDelta, moments: i32) -> impl Strategy<Value = Vec<Told>> {
    let names = prop::sample::select(vec!["A", "A", "B", "C", "/x", "/y"]);
    let plans = prop::sample::select(vec![None, Some("free"), Some("pro")]);
    let told = (0..4usize, names, 0..moments, 0..3i64, plans).prop_map(move |(person, name, moment, sequence, plan)| Told {
        person,
        name,
        at: at(start) + unit / 4 * moment,
        sequence,
        plan,
    });
    prop::collection::vec(told, 0..24)
}
