//! Judging a text that was sent or stands somewhere: for its owners, who may have what came of it kept, and for visitors of an editor.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::idempotency::Key;
use orilla_core::sites::{Caller, Kind, SiteId};
use orilla_core::sql::Statement;
use orilla_core::{Error, Platform, Request, Response, Sql, body};
use orilla_text::Locale;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::ContentScore;
use crate::asked::Asked;
use crate::fetched::Fetched;
use crate::history::Kept;
use crate::meaning::Question;
use crate::page::Page;
use crate::profile::Profile;
use crate::report::Report;
use crate::sent::{self, Manner, Sent};
use crate::settings::{self, Choice, Settings};
use crate::{score, site};

/// The most questions of a site's articles that a text is held against. Chosen: each is heard anew, at a tenth of a millisecond or so.
const QUESTIONS: u32 = 500;

/// A text with all that it is judged by.
#[derive(Debug)]
pub struct Judged {
    /// The text.
    pub asked: Asked,
    /// Where it was fetched from, if it was.
    pub fetched: Option<Fetched>,
    /// By whose thresholds.
    pub choice: Choice,
    /// The thresholds.
    pub profile: Profile,
    /// What lists of results show of it.
    pub title: Option<String>,
    /// What came of it.
    pub report: Report,
}

/// The answer.
#[derive(Debug, Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    report: &'a Report,
    profile: Choice,
    fetched: Option<&'a Fetched>,
    document: Option<Kept>,
}

impl<P: Platform> ContentScore<P> {
    /// `POST /v1/content/score`.
    ///
    /// Errors: what is wrong with it; `Forbidden` for a read key that wants something kept; what the store gives.
    pub(crate) async fn score(&self, caller: &Caller, request: &Request, limit: usize) -> Result<Response, Error> {
        let fields: Map<String, Json> = body::json(request, limit)?;
        let sent = sent::read(&fields, Manner::Score)?;
        if sent.document.is_some() && caller.kind != Kind::Admin {
            return Err(Error::forbidden("A read key has texts judged; to have a document kept, show the admin key."));
        }
        let key = Key::of(request, None)?;
        let settings = settings::of(&self.sql, &caller.site).await?;
        let (document, version) = (sent.document.clone(), sent.version.clone());
        let questions = if sent.asked.hears_meaning { self.questions(&caller.site).await? } else { Vec::new() };
        let judged = self.judge(sent, &settings, &questions, request.received).await?;
        let kept = match document {
            Some(document) => {
                let slot = key.as_ref().map(|key| (key, orilla_core::idempotency::fingerprint(&Json::Object(fields))));
                Some(self.keep(&caller.site, &document, version, &judged, &settings, slot, request.received).await?)
            }
            None => None,
        };
        json(StatusCode::OK, &judged.told(kept))
    }

    /// `POST /v1/content/check`: nothing is fetched, nothing is kept.
    ///
    /// Errors: what is wrong with it; as [`site::admit`].
    pub(crate) async fn check(&self, request: &Request, limit: usize) -> Result<Response, Error> {
        let fields: Map<String, Json> = body::json(request, limit)?;
        // Whose it is comes first: what is wrong with a text is told to those who may ask.
        let named = fields.get("site").and_then(Json::as_str).and_then(orilla_core::sites::SiteId::parse);
        let (_, settings) = site::admit(&self.sql, &self.random, request, named.as_ref()).await?;
        let judged = self.judge(sent::read(&fields, Manner::Check)?, &settings, &[], request.received).await?;
        json(StatusCode::OK, &judged.told(None))
    }

    /// What the site's articles answer.
    async fn questions(&self, site: &SiteId) -> Result<Vec<Question>, Error> {
        let select =
            "SELECT locale, definition ->> '$.question' AS question FROM kb_articles WHERE site_id = ?1 ORDER BY id, locale LIMIT ?2";
        let rows = self.sql.query(Statement::new(select).bind(site).bind(QUESTIONS)).await?;
        let mut questions = Vec::with_capacity(rows.len());
        for row in rows.iter() {
            if let Some(locale) = Locale::of_tag(row.text("locale")?) {
                questions.push(Question { text: row.text("question")?.to_owned(), locale });
            }
        }
        Ok(questions)
    }

    /// Judges what was sent, fetched before where it stands elsewhere.
    ///
    /// Errors: as [`Self::fetch_page`]; `Invalid` for a profile that the site does not have.
    pub(crate) async fn judge(&self, sent: Sent, settings: &Settings, questions: &[Question], now: DateTime<Utc>) -> Result<Judged, Error> {
        let (choice, profile) = settings.thresholds(sent.profile)?;
        let mut asked = sent.asked;
        asked.persona = asked.persona.map(|said| settings.persona(said));
        let fetched = match asked.url.clone().filter(|_| sent.is_remote) {
            Some(url) => Some(self.fetch_page(&url, &mut asked, now).await?),
            None => None,
        };
        let page = Page::read(&asked, &profile);
        let report = score::of(&page, questions);
        let title = page.title.map(|title| title.as_str().to_owned());
        Ok(Judged { asked, fetched, choice, profile, title, report })
    }
}

impl Judged {
    fn told(&self, document: Option<Kept>) -> impl Serialize + '_ {
        Told { report: &self.report, profile: self.choice, fetched: self.fetched.as_ref(), document }
    }
}
