//! Where a site's tickets come from: mail services and other desks, each with a path of its own that nobody can guess, and a secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::{empty, json};
use orilla_core::idempotency::{self, Key, Outcome, Slot};
use orilla_core::ids::rfc3339;
use orilla_core::signing::Secret;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::{Code, Error, Platform, Random, Request, Response, Sql, Violation, body};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::mails::ignored;
use crate::wire::mail::Ignored;
use crate::wire::{mailgun, postmark, resend, zendesk_webhook};
use crate::{TicketRoute, origins};

/// What remembers a token of Mailgun's.
const TOKEN_SCOPE: &str = "mailgun-token";
/// The longest secret. Chosen: eight times what services give out.
const MAX_SECRET_BYTES: usize = 512;

/// Whose webhooks it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Postmark's inbound mails.
    Postmark,
    /// What Mailgun's routes forward.
    Mailgun,
    /// Resend's received mails.
    Resend,
    /// Zendesk's signed webhooks.
    Zendesk,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Postmark, Self::Mailgun, Self::Resend, Self::Zendesk];

    const fn name(self) -> &'static str {
        match self {
            Self::Postmark => "postmark",
            Self::Mailgun => "mailgun",
            Self::Resend => "resend",
            Self::Zendesk => "zendesk",
        }
    }
}

/// A source as somebody describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    kind: Kind,
    /// Left out, the one that is there stays, and Postmark's is made here; null is none.
    #[serde(default, deserialize_with = "given")]
    secret: Option<Option<String>>,
    /// Whether mails that went through a list are questions, as where the address that people write to is a group's; left out, it stays, no at first.
    #[serde(default)]
    takes_lists: Option<bool>,
}

fn given<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(from).map(Some)
}

/// A source as it is stored.
pub struct Source {
    /// Whose it is.
    pub site: SiteId,
    /// Whether mails of lists are questions.
    pub takes_lists: bool,
    name: String,
    id: String,
    kind: Kind,
    secret: Option<String>,
    created: DateTime<Utc>,
}

impl Source {
    fn read(row: Row<'_>) -> Result<Self, SqlError> {
        let kind = row.text("kind")?;
        Ok(Self {
            site: SiteId::parse(row.text("site_id")?).ok_or(SqlError::Column { name: "site_id", expected: "a UUID" })?,
            name: row.text("name")?.to_owned(),
            id: row.text("id")?.to_owned(),
            kind: Kind::ALL
                .into_iter()
                .find(|it| it.name() == kind)
                .ok_or(SqlError::Column { name: "kind", expected: "a kind of source" })?,
            secret: row.optional_text("secret")?.map(str::to_owned),
            takes_lists: row.boolean("takes_lists")?,
            created: row.time("created_at")?,
        })
    }

    /// As people read it, without its secret.
    fn view(&self) -> Json {
        json!({
            "name": self.name,
            "kind": self.kind,
            "id": self.id,
            "path": format!("/v1/inbound/{}", self.id),
            "has_secret": self.secret.is_some(),
            "takes_lists": self.takes_lists,
            "created_at": rfc3339(self.created),
        })
    }

    /// What the service signs with.
    ///
    /// Errors: `Unavailable` while there is none: some services give it out only once they know the path, and send again meanwhile.
    fn signed_with(&self) -> Result<&str, Error> {
        self.secret.as_deref().ok_or_else(|| Error::unavailable("a source has no secret yet"))
    }
}

impl<P: Platform> TicketRoute<P> {
    /// `PUT /v1/routing/sources/{name}`: adds a source, or gives one another secret; its path stays. A secret that was made here is shown this once.
    ///
    /// Errors: `Invalid` for a name, a kind or a secret that cannot be, and what the store gives.
    pub(crate) async fn put_source(&self, site: &SiteId, name: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let described: Described = body::json(request, limit)?;
        let rows = self.sql.query(one(site, name)).await?;
        let known = rows.first().map(Source::read).transpose()?;
        check(name, &described, known.as_ref())?;
        let made = (known.is_none() && described.kind == Kind::Postmark && described.secret.is_none()).then(|| fresh(&self.random));
        let secret = match described.secret {
            Some(secret) => secret,
            None => known.as_ref().and_then(|known| known.secret.clone()).or_else(|| made.clone()),
        };
        let takes_lists = described.takes_lists.unwrap_or_else(|| known.as_ref().is_some_and(|known| known.takes_lists));
        let id = known.as_ref().map_or_else(|| fresh(&self.random), |known| known.id.clone());
        let put = "INSERT INTO ticket_sources (site_id, name, id, kind, secret, takes_lists, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                   ON CONFLICT (site_id, name) DO UPDATE SET secret = excluded.secret, takes_lists = excluded.takes_lists WHERE ticket_sources.kind = excluded.kind";
        let put = Statement::new(put)
            .bind(site)
            .bind(name)
            .bind(id)
            .bind(described.kind.name())
            .bind(secret)
            .bind(takes_lists)
            .bind(request.received);
        let [_, stored]: [Rows; 2] = take(self.sql.batch(vec![put, one(site, name)]).await?)?;
        let stored = Source::read(stored.first().ok_or_else(|| Error::internal("a source that was put is not there"))?)?;
        let mut view = stored.view();
        if let Some(made) = made.filter(|made| stored.secret.as_ref() == Some(made)) {
            view["secret"] = made.into();
        }
        json(if known.is_none() { StatusCode::CREATED } else { StatusCode::OK }, &view)
    }

    /// `GET /v1/routing/sources`: all of them, without their secrets.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn list_sources(&self, site: &SiteId) -> Result<Response, Error> {
        let rows = self.sql.query(Statement::new("SELECT * FROM ticket_sources WHERE site_id = ?1 ORDER BY name").bind(site)).await?;
        let sources = rows.iter().map(|row| Source::read(row).map(|source| source.view())).collect::<Result<Vec<_>, _>>()?;
        json(StatusCode::OK, &json!({ "sources": sources }))
    }

    /// `DELETE /v1/routing/sources/{name}`: its path is nobody's from now on; its tickets stay.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn remove_source(&self, site: &SiteId, name: &str) -> Result<Response, Error> {
        let delete = "DELETE FROM ticket_sources WHERE site_id = ?1 AND name = ?2 RETURNING name";
        let gone = self.sql.query(Statement::new(delete).bind(site).bind(name)).await?;
        if gone.is_empty() { Err(Error::not_found("This site has no source of this name.")) } else { Ok(empty(StatusCode::NO_CONTENT)) }
    }

    /// `POST /v1/inbound/{source}`: what a service sends.
    ///
    /// Errors: `NotFound` for a path that nobody has, `Unauthenticated` for what the service did not sign, `Malformed` and `Invalid` for what it
    /// does not send, `TooLarge`, `TooManyRequests`; `Unavailable` for what may succeed when it is sent again.
    pub(crate) async fn inbound(&self, id: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let found = self.sql.query(Statement::new("SELECT * FROM ticket_sources WHERE id = ?1").bind(id)).await?;
        let source = Source::read(found.first().ok_or_else(|| Error::not_found("Nobody has this path; a source's own is in its list."))?)?;
        self.dispatch(&source, request, limit).await.map_err(|error| if error.code == Code::TooLarge { too_large(limit) } else { error })
    }

    async fn dispatch(&self, source: &Source, request: &Request, limit: usize) -> Result<Response, Error> {
        let (site, now) = (&source.site, request.received);
        match source.kind {
            Kind::Postmark => {
                postmark::admit(source.secret.as_deref(), request)?;
                self.take_mail(source, &postmark::read(request, limit)?, now).await
            }
            Kind::Mailgun => {
                let secret = source.signed_with()?;
                let (sent, files) = body::parse_with_files(request, limit).await?;
                let token = mailgun::verify(secret, &sent, now)?;
                let mail = mailgun::read(&sent, files)?;
                self.use_once(site, &token, &mail.origin(), now).await?;
                self.take_mail(source, &mail, now).await
            }
            Kind::Resend => {
                resend::verify(source.signed_with()?, request, &body::bytes(request, limit)?, now)?;
                match resend::read(&self.platform, request, limit).await? {
                    Some(mail) => self.take_mail(source, &mail, now).await,
                    None => ignored(Ignored::UnknownEvent),
                }
            }
            Kind::Zendesk => {
                zendesk_webhook::verify(source.signed_with()?, request, &body::bytes(request, limit)?, now)?;
                match zendesk_webhook::read(request, limit)? {
                    Some(told) => self.mirror(site, &source.id, told, now).await,
                    None => ignored(Ignored::UnknownEvent),
                }
            }
        }
    }

    /// Lets a token serve one mail: Mailgun signs the token and the time, and whoever saw both could send another mail under them. It
    /// may come again with its own, which was told to wait.
    async fn use_once(&self, site: &SiteId, token: &str, origin: &str, now: DateTime<Utc>) -> Result<(), Error> {
        let refused = || Error::new(Code::Unauthenticated, "This was signed for another mail.");
        let key = Key::parse(&origins::key("token", token))?;
        let slot = Slot { site, scope: TOKEN_SCOPE, key: &key };
        let look_up = || self.sql.query(slot.look_up(now));
        match idempotency::outcome(&look_up().await?, origin)? {
            Outcome::Replay(_) => return Ok(()),
            Outcome::New => {}
            Outcome::Mismatch => return Err(refused()),
        }
        match self.sql.batch(slot.remember(origin, &Json::Null, "", now).into()).await {
            Ok(_) => Ok(()),
            Err(error) if idempotency::is_race(&error) => match idempotency::outcome(&look_up().await?, origin)? {
                Outcome::Replay(_) => Ok(()),
                Outcome::Mismatch | Outcome::New => Err(refused()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

fn one(site: &SiteId, name: &str) -> Statement {
    Statement::new("SELECT * FROM ticket_sources WHERE site_id = ?1 AND name = ?2").bind(site).bind(name)
}

/// 256 random bits in letters that a URL takes.
fn fresh(random: &impl Random) -> String {
    let mut bits = [0; 32];
    random.fill(&mut bits);
    URL_SAFE_NO_PAD.encode(bits)
}

fn check(name: &str, described: &Described, known: Option<&Source>) -> Result<(), Error> {
    let mut violations = Vec::new();
    let mut refuse = |field: &str, code: &'static str, message: &str| {
        violations.push(Violation { field: field.to_owned(), code: code.into(), message: message.to_owned() });
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(is_word) {
        refuse("name", "name", "A source's name has 1 to 64 letters, digits, hyphens and underscores.");
    }
    if known.is_some_and(|known| known.kind != described.kind) {
        refuse("kind", "kind", "A source keeps its kind; remove it, or use another name.");
    }
    if let Some(Some(secret)) = &described.secret {
        if secret.is_empty() || secret.len() > MAX_SECRET_BYTES || secret.chars().any(char::is_control) {
            refuse("secret", "length", "A secret has 1 to 512 bytes.");
        } else if described.kind == Kind::Resend && Secret::parse(secret).is_err() {
            refuse("secret", "secret", "Resend's signing secret is `whsec_` and base64.");
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(Error::invalid("The source cannot be put.", violations)) }
}

fn too_large(limit: usize) -> Error {
    let detail = format!(
        "What a service sends may have at most {limit} bytes, files included. Ask for the files by a link; the service will send this again in vain, \
         and then keep it among what failed."
    );
    Error::new(Code::TooLarge, detail)
}
