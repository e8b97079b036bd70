//! What could be answered: the site's own articles that are nearest to what the customer said last. A suggestion is a draft and never sent by itself.

use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::{Error, Platform, Response, Sql};
use orilla_knowledge::found::{look_up, source};
use orilla_knowledge::library::{self, Shelf};
use orilla_knowledge::model::{self, Embed};
use orilla_knowledge::retrieve::retrieve;
use serde_json::{Value as Json, json};

use crate::TicketRoute;
use crate::classify::text::Readable;
use crate::happened::{Actor, What};

/// How many are offered. Chosen: what a person compares at a glance.
const OFFERED: usize = 3;

impl<P: Platform> TicketRoute<P> {
    /// `GET /v1/tickets/{ticket}/suggestions`: the nearest articles, the best first; none where the site has no index yet.
    ///
    /// Errors: `NotFound`, and what the store and the model give.
    pub(crate) async fn suggest_replies(&self, site: &SiteId, name: &str) -> Result<Response, Error> {
        let opened = self.opened(site, name).await?;
        let said = opened.events.iter().rev().find(|event| {
            event.actor == Actor::Customer && matches!(event.what, What::Opened { .. } | What::Comment { is_thanks: false, .. })
        });
        let asked = Readable::new(&opened.ticket.subject, said.and_then(|event| event.text.as_deref()).unwrap_or_default()).whole();
        let shelf = Shelf::read(&self.sql.query(library::find(site)).await?)?;
        let model = model::shipped()?;
        let Some(index) = library::open(&self.sql, site, &shelf, model.checksum()).await? else {
            return json(StatusCode::OK, &json!({ "suggestions": [], "confidence": 0.0 }));
        };
        let retrieved = retrieve(&index, &model, &asked).map_err(Error::internal)?;
        let near = retrieved.candidates.iter().take(OFFERED);
        let sources: Vec<_> = near.filter_map(|it| source(&index, &retrieved, it, opened.ticket.locale)).collect();
        let found = look_up(&self.sql, site, &sources.iter().collect::<Vec<_>>()).await?;
        let shown = found.iter().map(|it| {
            json!({
                "article": it.source.id,
                "title": it.article.question,
                "url": it.article.url(),
                "text": it.passage.text,
                "locale": it.source.locale,
                "score": (f64::from(it.source.score) * 1_000.0).round() / 1_000.0,
            })
        });
        let confidence = (f64::from(retrieved.confidence) * 1_000.0).round() / 1_000.0;
        json(StatusCode::OK, &json!({ "suggestions": shown.collect::<Vec<Json>>(), "confidence": confidence }))
    }
}
