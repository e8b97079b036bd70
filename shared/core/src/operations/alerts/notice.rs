//! News of alerts for whoever listens: webhooks, Slack, mail. What people read is in the site's own language.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{CLEARED, Measure, RAISED, Reading, Rule};
use crate::ids::rfc3339;
use crate::outbox::{Event, Note};
use crate::ports::Random;
use crate::sites::SiteId;
use crate::sql::Statement;

/// What is told: which rule of whom, and what was found.
#[derive(Debug, Clone, Copy)]
pub struct News<'a> {
    /// The tenant.
    pub site: &'a SiteId,
    /// The rule.
    pub rule: &'a Rule,
    /// What the look found.
    pub reading: Reading,
    /// Since when it is raised.
    pub raised_at: DateTime<Utc>,
    /// Whether the site reads Spanish, else English.
    pub is_spanish: bool,
}

impl News<'_> {
    /// It is bad.
    #[must_use]
    pub fn raised(&self, now: DateTime<Utc>, random: &impl Random) -> Statement {
        self.tell(RAISED, now, random)
    }

    /// It is well again.
    #[must_use]
    pub fn cleared(&self, now: DateTime<Utc>, random: &impl Random) -> Statement {
        self.tell(CLEARED, now, random)
    }

    fn tell(&self, name: &str, now: DateTime<Utc>, random: &impl Random) -> Statement {
        let Self { rule, reading, .. } = self;
        let is_over = name == CLEARED;
        let mut data = json!({
            "alert": rule.id, "measure": rule.measure, "value": rounded(reading.value), "above": rule.above,
            "raised_at": rfc3339(self.raised_at),
        });
        if rule.measure != Measure::OutboxAge {
            data["over_minutes"] = json!(rule.window().num_minutes());
        }
        if let Some(requests) = reading.requests {
            data["requests"] = json!(requests);
            data["function"] = json!(rule.function);
        }
        if is_over {
            data["lasted_seconds"] = json!((now - self.raised_at).num_seconds());
        }
        let subject = format!("alert:{}", rule.id);
        Event { site: self.site, name, subject: &subject, only: None, data, note: self.note(is_over, now) }.announce(now, random)
    }

    fn note(&self, is_over: bool, now: DateTime<Utc>) -> Note {
        let Self { rule, reading, is_spanish, .. } = self;
        let word = |es: &str, en: &str| if *is_spanish { es.to_owned() } else { en.to_owned() };
        let title = match is_over {
            true => word("Ya está bien", "Well again"),
            false => word("Alerta", "Alert"),
        };
        let mut facts = vec![
            (word("Qué se mira", "Measure"), measure(rule.measure, *is_spanish)),
            (word("Ahora", "Now"), shown(rule.measure, reading.value, *is_spanish)),
            (word("Límite", "Limit"), shown(rule.measure, rule.above, *is_spanish)),
        ];
        if rule.measure != Measure::OutboxAge {
            facts.push((word("En los últimos", "Over the last"), format!("{} min", rule.window().num_minutes())));
        }
        facts.extend(reading.requests.map(|n| (word("Peticiones", "Requests"), n.to_string())));
        facts.extend(rule.function.clone().map(|name| (word("Función", "Function"), name)));
        if is_over {
            facts.push((word("Duró", "It lasted"), format!("{} min", (now - self.raised_at).num_minutes())));
        }
        Note { title: format!("{title}: {}", rule.id), facts }
    }
}

fn measure(measure: Measure, is_spanish: bool) -> String {
    let (es, en) = match measure {
        Measure::ErrorRate => ("Peticiones que fallan por culpa nuestra", "Requests that fail by our own fault"),
        Measure::P95 => ("Lo que tardan 95 de cada 100 peticiones", "What 95 of 100 requests take"),
        Measure::OutboxAge => ("Lo que espera el aviso más antiguo por enviar", "How long the oldest delivery waits"),
        Measure::SlaBreaches => ("Plazos incumplidos con clientes", "Promises to customers broken"),
    };
    if is_spanish { es } else { en }.to_owned()
}

/// A value with its unit, as people write it.
fn shown(measure: Measure, value: f64, is_spanish: bool) -> String {
    let text = match measure {
        Measure::ErrorRate => format!("{:.1} %", value * 100.0),
        Measure::P95 => format!("{value:.0} ms"),
        Measure::OutboxAge => format!("{value:.0} s"),
        Measure::SlaBreaches => format!("{value:.0}"),
    };
    if is_spanish { text.replace('.', ",") } else { text }
}

/// To four decimals: a share is not better known.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
