//! Double opt-in: a mail with a signed link, a page with one button, and a confirmation that happens once.

use chrono::{DateTime, TimeDelta, Utc};
use http::{StatusCode, header};
use orilla_core::body;
use orilla_core::outbox::message::escape_html;
use orilla_core::outbox::{Event, Mail, Note};
use orilla_core::signing::Token;
use orilla_core::sql::{SqlError, Statement};
use orilla_core::{Code, Error, Platform, Request, Response, Sql, problem};
use orilla_text::Locale;
use serde_json::{Value as Json, json};

use crate::LeadCapture;
use crate::form::public_view;
use crate::record::LeadRow;
use crate::segment::store as segment;
use crate::store::{self, OpenForm};
use crate::{decide, notify, page};

/// What the signature of a confirmation link is for.
const CONFIRM: &str = "confirm";
/// Where the link leads.
const PATH: &str = "/v1/confirm";

/// The mail of a form with double opt-in: it asks a mailbox that nobody confirmed yet, and brings a confirmed one what the form
/// promises. `None` for a form that does not ask, and if nothing is promised to somebody who has confirmed.
#[must_use]
pub fn mail(open: &OpenForm, lead: &LeadRow, origin: &str, now: DateTime<Utc>) -> Option<Mail> {
    let wish = open.form.double_opt_in.as_ref()?;
    let locale = Locale::of_tag(&lead.locale).unwrap_or_else(|| open.form.default_locale());
    let words = words(locale);
    let letter = if lead.is_confirmed {
        Letter { subject: words.promised, intro: words.here, button: words.download, link: decide::download(open, locale, origin, now)? }
    } else {
        Letter {
            subject: wish.subject.as_ref().map_or(words.subject, |own| own.get(locale)),
            intro: wish.intro.as_ref().map_or(words.intro, |own| own.get(locale)),
            button: wish.button.as_ref().map_or(words.button, |own| own.get(locale)),
            link: link(open, &lead.id, locale, origin, now + TimeDelta::hours(i64::from(wish.expires_hours))),
        }
    };
    Some(letter.to(lead, &open.site.name, words.ignore))
}

/// Where a mailbox is confirmed, until `expires`.
fn link(open: &OpenForm, lead: &str, locale: Locale, origin: &str, expires: DateTime<Utc>) -> String {
    let token = Token::issue(&open.link_secret, CONFIRM, &format!("{}/{lead}", open.id), expires).to_string();
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("token", &token).append_pair("locale", locale.as_str()).finish();
    format!("{origin}{PATH}?{query}")
}

/// A mail around one link.
struct Letter<'a> {
    subject: &'a str,
    intro: &'a str,
    button: &'a str,
    link: String,
}

impl Letter<'_> {
    fn to(&self, lead: &LeadRow, sender: &str, closing: &str) -> Mail {
        let Self { subject, intro, button, link } = self;
        Mail {
            to: lead.email.clone(),
            subject: format!("{subject} · {sender}"),
            text: format!("{intro}\n\n{link}\n\n{closing}"),
            html: format!(
                "<p>{}</p><p><a href=\"{}\">{}</a></p><p>{}</p>",
                escape_html(intro),
                escape_html(link),
                escape_html(button),
                escape_html(closing)
            ),
            reply_to: None,
        }
    }
}

/// A confirmation link, read and believed.
struct Asked {
    open: OpenForm,
    lead: String,
    token: String,
    locale: Locale,
}

impl<P: Platform> LeadCapture<P> {
    /// `GET /v1/confirm`: a page with one button, since mail scanners open every link.
    ///
    /// Errors: `Malformed`, `Forbidden`, `Expired` for the link, and what the store gives.
    pub(crate) async fn ask_confirmation(&self, request: &Request) -> Result<Response, Error> {
        let asked = self.asked(request, &request.query("token").unwrap_or_default()).await?;
        let words = words(asked.locale);
        let action = format!("{PATH}?locale={}", asked.locale.as_str());
        Ok(page::ask(asked.locale, words.question, &action, &asked.token, words.button))
    }

    /// `POST /v1/confirm`: confirms, tells the destinations once, and hands out what was promised.
    ///
    /// Errors: as [`LeadCapture::ask_confirmation`], and `NotFound` if the person was erased meanwhile.
    pub(crate) async fn confirm(&self, request: &Request, limit: usize) -> Result<Response, Error> {
        let payload = body::parse(request, limit).await?;
        let asked = self.asked(request, payload.get("token").and_then(Json::as_str).unwrap_or_default()).await?;
        let (site, lead, now) = (&asked.open.site_id, asked.lead.as_str(), request.received);
        let rows = self
            .sql
            .query(Statement::new("SELECT email, is_confirmed FROM leads WHERE site_id = ?1 AND id = ?2").bind(site).bind(lead))
            .await?;
        let row = rows.first().ok_or_else(|| Error::not_found("There is nothing left to confirm here."))?;
        if !row.boolean("is_confirmed")? {
            let event = Event {
                site,
                name: notify::CONFIRMED,
                subject: lead,
                only: asked.open.form.notifications.destinations.as_deref(),
                data: json!({ "lead": { "id": lead, "email": row.text("email")?, "is_confirmed": true } }),
                note: Note {
                    title: format!("{}: {}", words(asked.open.site.default_locale).confirmed, row.text("email")?),
                    facts: Vec::new(),
                },
            };
            let confirmed = self
                .sql
                .batch(vec![
                    // Whoever comes second writes NULL, which breaks `NOT NULL` and undoes the batch.
                    Statement::new(
                        "UPDATE leads SET is_confirmed = CASE is_confirmed WHEN 0 THEN 1 END, revision = revision + 1, updated_at = ?3 \
                         WHERE site_id = ?1 AND id = ?2",
                    )
                    .bind(site)
                    .bind(lead)
                    .bind(now),
                    Statement::new(
                        "UPDATE consents SET confirmed_at = ?3 \
                         WHERE site_id = ?1 AND lead_id = ?2 AND is_given = 1 AND confirmed_at IS NULL",
                    )
                    .bind(site)
                    .bind(lead)
                    .bind(now),
                    Statement::new("INSERT INTO confirmations (site_id, lead_id, confirmed_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
                        .bind(site)
                        .bind(lead)
                        .bind(now),
                    segment::mark(site, std::slice::from_ref(&asked.lead), now),
                    event.announce(now, &self.random),
                ])
                .await;
            match confirmed {
                Ok(_) => self.sort_soon(),
                Err(SqlError::Constraint(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let view = public_view(&asked.open.id, asked.open.version, &asked.open.form, asked.locale, None);
        let download = decide::download(&asked.open, asked.locale, &self.config.origin(request), now);
        Ok(page::thanks(asked.locale, words(asked.locale).done, download.as_deref().zip(view.texts.download)))
    }

    async fn asked(&self, request: &Request, token: &str) -> Result<Asked, Error> {
        let parsed = Token::parse(token)?;
        let (form, lead) = parsed.subject.split_once('/').ok_or_else(|| Error::malformed("This link is not complete; copy all of it."))?;
        let open = store::open_form(&self.sql, form, request.received).await?;
        parsed.verify(&open.link_secret, CONFIRM, request.received)?;
        let locale = Locale::negotiate(request.query("locale").as_deref(), request.header(header::ACCEPT_LANGUAGE), &open.form.locales);
        Ok(Asked { lead: lead.to_owned(), token: token.to_owned(), locale, open })
    }

    /// `GET /v1/assets/{asset}`: what was promised, to whoever holds a link that was signed for it and is still good.
    ///
    /// Errors: `Malformed`, `Forbidden`, `Expired` for the link; `NotFound` if the file is gone.
    pub(crate) async fn download(&self, request: &Request, asset: &str) -> Result<Response, Error> {
        let token = Token::parse(&request.query("token").unwrap_or_default())?;
        let form = request.query("form").ok_or_else(|| Error::malformed("This link is not complete; copy all of it."))?;
        let open = store::open_form(&self.sql, &form, request.received).await?;
        token.verify(&open.link_secret, decide::DOWNLOAD, request.received)?;
        if token.subject != asset {
            return Err(Error::forbidden("This link was made for another file."));
        }
        let bytes = crate::assets::load(&self.kv, &open.site_id, asset).await?;
        let bytes = bytes.ok_or_else(|| Error::not_found("This file is no longer here."))?;
        let mut response = orilla_core::http::text(StatusCode::OK, crate::assets::content_type(asset), bytes);
        let disposition = http::HeaderValue::try_from(format!("attachment; filename=\"{asset}\"")).map_err(Error::internal)?;
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
        response.headers_mut().insert(header::CACHE_CONTROL, http::HeaderValue::from_static("private, no-store"));
        Ok(response)
    }
}

/// What a person reads who opened a link of ours that leads nowhere: a sentence in their language, no JSON.
pub fn dead_end(request: &Request, error: &Error) -> Response {
    let locale = Locale::negotiate(request.query("locale").as_deref(), request.header(header::ACCEPT_LANGUAGE), &Locale::ALL);
    let words = words(locale);
    let sentence = match error.code {
        Code::Expired => words.expired,
        Code::Malformed | Code::Forbidden | Code::NotFound => words.broken,
        _ => words.later,
    };
    let mut response = page::notice(error.code.status(), locale, sentence);
    problem::dress(&mut response, error);
    response
}

struct Words {
    subject: &'static str,
    intro: &'static str,
    button: &'static str,
    promised: &'static str,
    here: &'static str,
    download: &'static str,
    ignore: &'static str,
    question: &'static str,
    done: &'static str,
    confirmed: &'static str,
    expired: &'static str,
    broken: &'static str,
    later: &'static str,
}

const fn words(locale: Locale) -> Words {
    match locale {
        Locale::Es => Words {
            subject: "Confirma tu correo",
            intro: "Falta un paso: confirma que este correo es tuyo.",
            button: "Sí, es mi correo",
            promised: "Tu descarga",
            here: "Aquí está lo que pediste.",
            download: "Descargar",
            ignore: "Si no fuiste tú, ignora este mensaje: no haremos nada.",
            question: "¿Es tuyo este correo?",
            done: "¡Listo! Tu correo está confirmado.",
            confirmed: "Contacto confirmado",
            expired: "Este enlace ya venció. Llena otra vez el formulario para recibir uno nuevo.",
            broken: "Este enlace no lleva a ninguna parte. Cópialo completo, tal como lo recibiste.",
            later: "Ahora no podemos abrir este enlace. Inténtalo de nuevo en un momento.",
        },
        Locale::En => Words {
            subject: "Confirm your e-mail",
            intro: "One step is left: confirm that this address is yours.",
            button: "Yes, it is mine",
            promised: "Your download",
            here: "Here is what you asked for.",
            download: "Download",
            ignore: "If this was not you, ignore this message: nothing will happen.",
            question: "Is this address yours?",
            done: "Done! Your address is confirmed.",
            confirmed: "Lead confirmed",
            expired: "This link has expired. Fill in the form again to get a new one.",
            broken: "This link leads nowhere. Copy all of it, just as you received it.",
            later: "We cannot open this link now. Try again in a moment.",
        },
    }
}
