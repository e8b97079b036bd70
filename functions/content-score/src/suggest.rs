//! `POST /v1/content/suggest`: what could be written instead, by the operator's generator and by rules; only what makes the text better is told.

use std::collections::BTreeMap;

use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::{Error, Platform, Request, Response, body};
use serde_json::{Map, Value as Json, json};

use crate::ContentScore;
use crate::candidates::{self, Author, Improvement, Place};
use crate::page::Page;
use crate::sent::{self, Manner};
use crate::{advice, settings};

/// Improvements of one thing that are told, the best first. Chosen: what anybody compares.
const TOLD: usize = 3;
/// Bytes of a text beyond which no rule's wording is tried by judging the whole text again. Chosen: each costs as much as a score does.
const JUDGED_BYTES: usize = 512 * 1024;

impl<P: Platform> ContentScore<P> {
    /// Each call asks the generator, if there is one, and counts against the site's tokens of the day.
    ///
    /// Errors: what is wrong with the text; what the store gives.
    pub(crate) async fn suggest(&self, site: &SiteId, request: &Request, limit: usize) -> Result<Response, Error> {
        let fields: Map<String, Json> = body::json(request, limit)?;
        let mut sent = sent::read(&fields, Manner::Score)?;
        (sent.document, sent.version) = (None, None);
        let settings = settings::of(&self.sql, site).await?;
        let judged = self.judge(sent, &settings, &[], request.received).await?;
        let page = Page::read(&judged.asked, &judged.profile);
        let advice = advice::advice(&page, &judged.report);
        let written = self.written(site, &page, &advice, request.received).await?;
        let mut found: BTreeMap<Place, Vec<Improvement>> = BTreeMap::new();
        if judged.asked.content.len() <= JUDGED_BYTES {
            // Where a model wrote something better, no rule has to.
            for wordings in [written.candidates, advice::wordings(&page)] {
                for candidate in &wordings {
                    let has_better = found.get(&candidate.place).is_some_and(|it| it.iter().any(|it| it.author == Author::Generator));
                    if candidate.author == Author::Rule && has_better {
                        continue;
                    }
                    let better = candidates::improvement(&judged.asked, &page.document, &judged.profile, &judged.report, candidate);
                    found.entry(candidate.place).or_default().extend(better);
                }
            }
        }
        let improvements = found.into_values().flat_map(|mut of_place| {
            of_place.sort_by_key(|it| std::cmp::Reverse(it.after));
            of_place.truncate(TOLD);
            of_place
        });
        let told = json!({
            "score": judged.report.score,
            "profile": judged.choice,
            "fetched": judged.fetched,
            "improvements": improvements.collect::<Vec<_>>(),
            "advice": advice,
            "generator": { "model": written.model, "problem": written.problem },
        });
        json(StatusCode::OK, &told)
    }
}
