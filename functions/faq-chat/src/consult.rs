//! A question of a client that keeps its own conversation: looked up and answered, and nothing of it is stored.

use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Platform, Request, Sql, visitors};
use orilla_text::Locale;

use crate::FaqChat;
use crate::answer::{Found, Told, look_up, tell};
use crate::chat::{PER_ADDRESS, PER_SITE};
use crate::decide::Decision;
use crate::desk::Desk;
use crate::library::{self, Shelf};
use crate::model;
use crate::turn::{self, Turn};

/// What was found.
#[derive(Debug)]
pub struct Consulted {
    /// The decision.
    pub decision: Decision,
    /// Its articles.
    pub found: Vec<Found>,
    /// In words.
    pub told: Told,
}

impl<P: Platform> FaqChat<P> {
    /// Answers a question, with the one before it if there is one.
    ///
    /// Errors: `TooManyRequests`, and what the store and the model give.
    pub(crate) async fn consult(
        &self,
        desk: &Desk,
        request: &Request,
        text: &str,
        before: Option<&str>,
        page: Locale,
    ) -> Result<Consulted, Error> {
        let shelf = self.admit(desk, request).await?;
        let index = self.index(&desk.site, &shelf, request.received).await?;
        let turn = Turn { text, before, choice: None, page };
        let decision = turn::take(&index, &model::shipped()?, turn).map_err(Error::internal)?;
        let sources: Vec<_> = decision.sources.iter().chain(&decision.suggestions).collect();
        let found = look_up(&self.sql, &desk.site, &sources).await?;
        let told = tell(&decision, &found, desk);
        Ok(Consulted { decision, found, told })
    }

    /// Counts a request, as a turn is counted, and finds the site's knowledge.
    ///
    /// Errors: `TooManyRequests`, and what the store gives.
    pub(crate) async fn admit(&self, desk: &Desk, request: &Request) -> Result<Shelf, Error> {
        let (site, now) = (&desk.site, request.received);
        let address = request.client.map(|client| visitors::address_hash(&desk.salt, site, client));
        let count = |address| PER_ADDRESS.hit(&format!("chat:{site}:{address}"), now);
        let of_address = address.as_ref().map_or_else(|| Statement::new("SELECT 0 AS count, 0 AS expires_at"), count);
        let [of_address, of_site, shelf]: [Rows; 3] =
            take(self.sql.batch(vec![of_address, PER_SITE.hit(&format!("chat:{site}"), now), library::find(site)]).await?)?;
        for (limit, rows) in [(PER_ADDRESS, of_address), (PER_SITE, of_site)] {
            if let Some(exceeded) = limit.read(&rows, now)? {
                return Err(exceeded.into());
            }
        }
        Ok(Shelf::read(&shelf)?)
    }
}
