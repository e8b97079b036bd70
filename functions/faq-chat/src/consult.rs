//! A question of a client that keeps its own conversation: looked up and answered, and nothing of it is stored.

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Platform, Request, Sql, visitors};
use orilla_text::Locale;

use crate::FaqChat;
use crate::answer::{Choice, Found, Told, look_up, tell};
use crate::chat::{PER_ADDRESS, PER_SITE};
use crate::decide::{Action, Decision};
use crate::desk::Desk;
use crate::library::{self, Shelf};
use crate::model;
use crate::turn::{self, Turn};
use crate::words;
use crate::write::{Question, Speech, Spoken};

/// What was found.
#[derive(Debug)]
pub struct Consulted {
    /// The decision.
    pub decision: Decision,
    /// Its articles.
    pub found: Vec<Found>,
    /// In words.
    pub told: Told,
    /// The version of the knowledge.
    pub kb_version: u64,
}

impl Consulted {
    /// What the articles say, as plain text: a client that knows nothing of choices reads them as a list.
    #[must_use]
    pub fn content(&self) -> String {
        let mut lines = vec![self.told.text.clone()];
        match self.decision.action {
            Action::Clarify => lines.extend(self.told.suggestions.iter().map(|it| format!("- {}", it.title))),
            Action::Handoff => lines = vec![words::no_person_here(self.decision.locale).to_owned()],
            Action::Answer | Action::Smalltalk => {}
        }
        lines.join("\n")
    }

    /// As it is after a model has written it, if one has.
    pub fn settle(&mut self, spoken: Spoken) {
        if spoken.is_generated {
            let is_cited = |choice: &Choice| spoken.sources.iter().any(|source| source.id == choice.id);
            self.told.suggestions.retain(|it| !is_cited(it));
            (self.told.text, self.told.sources, self.decision.action) = (spoken.text, spoken.sources, Action::Answer);
        }
    }
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
        Ok(Consulted { decision, found, told, kb_version: index.kb_version() })
    }

    /// Answers a question in words: a model's, where one may write, else the articles' own with `instead`.
    ///
    /// Errors: `Internal` if the models cannot be opened.
    pub(crate) async fn speak(
        &self,
        desk: &Desk,
        consulted: &Consulted,
        text: &str,
        earlier: &[String],
        instead: String,
        now: DateTime<Utc>,
    ) -> Result<LocalBoxStream<'static, Speech>, Error> {
        let Consulted { decision, found, kb_version, .. } = consulted;
        let question = Question { text, earlier, decision, found, kb_version: *kb_version };
        match self.plan(desk, question, now).await {
            Some(plan) => plan.speak(instead),
            None => {
                let spoken = Spoken { text: instead.clone(), sources: Vec::new(), is_generated: false };
                Ok(stream::iter([Speech::Text(instead), Speech::End(spoken)]).boxed_local())
            }
        }
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
