//! News of pages for whoever listens: webhooks, Slack, mail. What people read is in the site's own language.

use chrono::{DateTime, Utc};
use orilla_core::Random;
use orilla_core::outbox::{Event, Note};
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_text::Locale;
use serde_json::json;

use crate::history::subject;
use crate::scoring::Judged;

/// A page fell under its threshold.
pub const DROPPED: &str = "content.score_dropped";
/// A page cannot be read any more.
pub const UNREACHABLE: &str = "content.page_unreachable";

/// Which page, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The tenant.
    pub site: &'a SiteId,
    /// The page's name.
    pub page: &'a str,
    /// Where it stands.
    pub url: &'a str,
    /// The site's own language.
    pub locale: Locale,
}

/// News of a page that fell.
#[must_use]
pub fn dropped(
    about: About<'_>,
    judged: &Judged,
    threshold: u32,
    before: Option<i64>,
    version: i64,
    now: DateTime<Utc>,
    random: &impl Random,
) -> Statement {
    let report = &judged.report;
    let is_spanish = about.locale == Locale::Es;
    let worst = report.assessments.iter().filter(|it| it.rating == crate::assessment::Rating::Bad).take(3);
    let worst: Vec<_> = worst.map(|it| if is_spanish { it.message.es.as_str() } else { it.message.en.as_str() }).collect();
    let data = json!({
        "page": about.page, "url": about.url, "score": report.score, "grade": report.grade.to_string(), "previous_score": before,
        "threshold": threshold, "version": version,
        "parts": { "seo": report.seo, "readability": report.readability, "structure": report.structure, "persuasion": report.persuasion },
    });
    let (title, names) = if is_spanish {
        (format!("Una página ha bajado a {} puntos: {}", report.score, about.page), ["Página", "Umbral", "Antes", "Lo más urgente"])
    } else {
        (format!("A page fell to {} points: {}", report.score, about.page), ["Page", "Threshold", "Before", "Most urgent"])
    };
    let [page, least, earlier, urgent] = names.map(str::to_owned);
    let mut facts = vec![(page, about.url.to_owned()), (least, threshold.to_string())];
    facts.extend(before.map(|before| (earlier, before.to_string())));
    facts.extend((!worst.is_empty()).then(|| (urgent, worst.join("\n"))));
    Event { site: about.site, name: DROPPED, subject: &subject(about.page), only: None, data, note: Note { title, facts } }
        .announce(now, random)
}

/// News of a page that cannot be read.
#[must_use]
pub fn unreachable(about: About<'_>, problem: &str, failures: u32, now: DateTime<Utc>, random: &impl Random) -> Statement {
    let data = json!({ "page": about.page, "url": about.url, "problem": problem, "failures": failures });
    let (title, names) = match about.locale {
        Locale::Es => (format!("Una página no se puede leer: {}", about.page), ["Página", "Motivo", "Intentos"]),
        Locale::En => (format!("A page cannot be read: {}", about.page), ["Page", "Reason", "Attempts"]),
    };
    let [page, why, times] = names.map(str::to_owned);
    let facts = vec![(page, about.url.to_owned()), (why, problem.to_owned()), (times, failures.to_string())];
    Event { site: about.site, name: UNREACHABLE, subject: &subject(about.page), only: None, data, note: Note { title, facts } }
        .announce(now, random)
}
