//! A question of a client that keeps its own conversation: looked up and answered, and nothing of it is stored.

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use orilla_core::sql::{Rows, take};
use orilla_core::{Error, Platform, Request, Sql};
use orilla_knowledge::found::{Found, look_up};
use orilla_knowledge::library::{self, Shelf};
use orilla_knowledge::model;
use orilla_text::Locale;

use crate::FaqChat;
use crate::answer::{Told, tell};
use crate::decide::{Action, Decision};
use crate::desk::Desk;
use crate::rates;
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
    /// What a model may be asked about it.
    #[must_use]
    pub fn question<'a>(&'a self, text: &'a str, earlier: &'a [String]) -> Question<'a> {
        Question { text, earlier, decision: &self.decision, found: &self.found, kb_version: self.kb_version }
    }

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
            self.told.suggestions.retain(|it| !spoken.cites(it));
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
        self.weigh(desk, &shelf, Turn { text, before, choice: None, page }, request.received).await
    }

    /// Decides on a turn, and reads the articles that it is about.
    ///
    /// Errors: what the store and the model give.
    pub(crate) async fn weigh(&self, desk: &Desk, shelf: &Shelf, turn: Turn<'_>, now: DateTime<Utc>) -> Result<Consulted, Error> {
        let index = self.index(&desk.site, shelf, now).await?;
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
        match self.plan(desk, consulted.question(text, earlier), now).await {
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
        let [count_address, count_site] = rates::count(desk, request, true);
        let [of_address, of_site, shelf]: [Rows; 3] =
            take(self.sql.batch(vec![count_address, count_site, library::find(&desk.site)]).await?)?;
        rates::check(&of_address, &of_site, request)?;
        Ok(Shelf::read(&shelf)?)
    }
}
