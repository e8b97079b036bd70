//! What could be answered: the site's own articles that are nearest to what the customer said last. A suggestion is a draft and never sent by itself.

use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::{Error, Platform, Response, Sql};
use orilla_knowledge::found::{Found, look_up, source};
use orilla_knowledge::library::{self, Shelf};
use orilla_knowledge::model::{self, Embed};
use orilla_knowledge::retrieve::retrieve;
use serde_json::{Value as Json, json};

use crate::TicketRoute;
use crate::classify::text::Readable;
use crate::figures::thousandths;
use crate::happened::{Actor, Event, What};
use crate::work::Opened;

/// How many are offered. Chosen: what a person compares at a glance.
const OFFERED: usize = 3;

/// What the customer wrote, thanks aside, the oldest first.
pub fn questions(opened: &Opened) -> impl DoubleEndedIterator<Item = &Event> {
    opened.events.iter().filter(|event| {
        event.actor == Actor::Customer && matches!(event.what, What::Opened { .. } | What::Comment { is_thanks: false, .. })
    })
}

/// What is to be answered: the subject, and what the customer wrote last.
pub fn question(opened: &Opened) -> String {
    let last = questions(opened).next_back().and_then(|event| event.text.as_deref());
    Readable::new(&opened.ticket.subject, last.unwrap_or_default()).whole()
}

/// An article as it is told of.
pub fn view(found: &Found) -> Json {
    json!({
        "article": found.source.id,
        "title": found.article.question,
        "url": found.article.url(),
        "text": found.passage.text,
        "locale": found.source.locale,
        "score": thousandths(found.source.score.into()),
    })
}

impl<P: Platform> TicketRoute<P> {
    /// `GET /v1/tickets/{ticket}/suggestions`: the nearest articles, the best first; none where the site has no index yet.
    ///
    /// Errors: `NotFound`, and what the store and the model give.
    pub(crate) async fn suggest_replies(&self, site: &SiteId, name: &str) -> Result<Response, Error> {
        let opened = self.opened(site, name).await?;
        let (found, confidence) = self.near(site, &opened).await?;
        json(
            StatusCode::OK,
            &json!({ "suggestions": found.iter().map(view).collect::<Vec<Json>>(), "confidence": thousandths(confidence.into()) }),
        )
    }

    /// The articles nearest to what a ticket asks, the best first, and how probable it is that the best answers.
    ///
    /// Errors: what the store and the model give.
    pub(crate) async fn near(&self, site: &SiteId, opened: &Opened) -> Result<(Vec<Found>, f32), Error> {
        let shelf = Shelf::read(&self.sql.query(library::find(site)).await?)?;
        let model = model::shipped()?;
        let Some(index) = library::open(&self.sql, site, &shelf, model.checksum()).await? else { return Ok((Vec::new(), 0.0)) };
        let retrieved = retrieve(&index, &model, &question(opened)).map_err(Error::internal)?;
        let near = retrieved.candidates.iter().take(OFFERED);
        let sources: Vec<_> = near.filter_map(|it| source(&index, &retrieved, it, opened.ticket.locale)).collect();
        Ok((look_up(&self.sql, site, &sources.iter().collect::<Vec<_>>()).await?, retrieved.confidence))
    }
}
