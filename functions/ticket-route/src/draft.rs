//! The draft of a reply, written by the operator's generator from the site's own articles. Sentences that no article supports are left out; a person
//! reads what is left. Nothing of it is sent or kept here.

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::{Code, Error, Platform, Request, Response, Sql, Violation, body};
use orilla_generate::allowance::until_tomorrow;
use orilla_generate::{Ask, Endpoint, GeneratorConfig, Kind, Known, Outcome, Piece, Refusal, Tone, allowed, generate};
use orilla_knowledge::found::Found;
use orilla_knowledge::model;
use orilla_text::Locale;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::TicketRoute;
use crate::classify::text::Readable;
use crate::desk;
use crate::settings::Person;
use crate::suggest::{question, questions, view};
use crate::ticket::Ticket;
use crate::work::Opened;

/// What somebody wants written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// Who signs it; nobody, if it says nothing.
    #[serde(default)]
    agent: Option<String>,
    #[serde(default)]
    tone: Tone,
}

impl<P: Platform> TicketRoute<P> {
    /// `POST /v1/tickets/{ticket}/draft`. Each call asks the generator and counts against the site's tokens of the day.
    ///
    /// Errors: `Invalid` for somebody whom the desk does not know; `Forbidden` where the site wants nothing written; `TooManyRequests` where it has spent
    /// its tokens; `Unavailable` where there is no generator or none answers; `NotFound`, and what the store and the model give.
    pub(crate) async fn draft(&self, site: &SiteId, name: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let wish: Wish = body::json(request, limit)?;
        let front = desk::known(&self.sql, site).await?;
        let agent = wish.agent.as_deref().map(|id| front.desk.person(id).ok_or_else(unknown)).transpose()?;
        let opened = self.opened(site, name).await?;
        let config = GeneratorConfig::read(&self.platform)?;
        if config.is_empty() {
            return Err(Error::new(Code::Unavailable, "No generator is configured here; the suggestions are the articles' own words."));
        }
        let (found, _) = self.near(site, &opened).await?;
        if found.is_empty() {
            return json(StatusCode::OK, &told(&opened.ticket, None, &[], 0, None, Some("no_article")));
        }
        let ask = ask(&opened, &found, wish.tone);
        let config =
            allowed(&self.sql, site, config, ask.most_tokens(), request.received).await?.map_err(|why| refused(why, request.received))?;
        let endpoints = config.endpoints.clone();
        let (text, outcome) = self.written(site, config, ask, request.received).await?;
        if outcome.endpoint.is_none() {
            return Err(Error::new(Code::Unavailable, "The generator did not answer; the suggestions are the articles' own words."));
        }
        let sources: Vec<&Found> = outcome.sources.iter().filter_map(|at| found.get(*at)).collect();
        let draft = (!text.is_empty()).then(|| dressed(&opened.ticket, &text, wish.tone, agent));
        let problem = outcome.problem.map(|it| it.name());
        json(StatusCode::OK, &told(&opened.ticket, draft, &sources, outcome.cut.len(), model_of(&endpoints, &outcome), problem))
    }

    /// Has it written, and writes down what that cost and how each server was.
    async fn written(&self, site: &SiteId, config: GeneratorConfig, ask: Ask, now: DateTime<Utc>) -> Result<(String, Outcome), Error> {
        let mut pieces = generate(self.platform.fetch(), model::shipped()?, config, ask);
        let (mut text, mut outcome) = (String::new(), Outcome::default());
        while let Some(piece) = pieces.next().await {
            match piece {
                Piece::Text(more) => text += &more,
                Piece::End(end) => outcome = end,
            }
        }
        // The draft is there by now: a store that fails must not take it away.
        let is_recorded = self.sql.batch(outcome.record(site.as_str(), now.date_naive(), now)).await.is_ok();
        self.platform.log(format_args!(
            "{{\"function\":\"ticket-route\",\"event\":\"drafted\",\"problem\":\"{}\",\"sentences\":{},\"cut\":{},\"is_recorded\":{is_recorded}}}",
            outcome.problem.map_or("none", |it| it.name()),
            outcome.sentences,
            outcome.cut.len(),
        ));
        Ok((text, outcome))
    }
}

fn refused(why: Refusal, now: DateTime<Utc>) -> Error {
    match why {
        Refusal::NotWanted => Error::forbidden("This site wants nothing written by a model: `chat.generates` is off."),
        Refusal::Spent => Error { detail: "The site has spent its tokens for today.".into(), ..Error::too_many(until_tomorrow(now)) },
        Refusal::Resting => Error::new(Code::Unavailable, "The generator failed again and again and is left alone for a while."),
    }
}

fn unknown() -> Error {
    let violation = Violation { field: "agent".into(), code: "unknown".into(), message: "The desk knows nobody of this name.".into() };
    Error::invalid("The draft cannot be written.", vec![violation])
}

/// What the customer wrote last, what they wrote before it, and the articles. Who they are is nobody else's business.
fn ask(opened: &Opened, found: &[Found], tone: Tone) -> Ask {
    let known = |it: &Found| Known { title: it.article.question.clone(), text: it.passage.text.clone(), locale: it.source.locale };
    let own = |text: &str| Readable::new("", text).whole();
    let mut earlier: Vec<String> = questions(opened).filter_map(|event| event.text.as_deref().map(own)).collect();
    earlier.pop();
    Ask {
        kind: Kind::Reply(tone),
        message: question(opened),
        earlier,
        locale: opened.ticket.locale,
        passages: found.iter().map(known).collect(),
    }
}

/// With a greeting and whoever signs, in the ticket's language.
fn dressed(ticket: &Ticket, text: &str, tone: Tone, agent: Option<&Person>) -> String {
    let name = ticket.requester.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let first = name.and_then(|name| name.split_whitespace().next());
    let greeting = match (ticket.locale, tone) {
        (Locale::Es, Tone::Friendly) => first.map_or_else(|| "Hola:".to_owned(), |name| format!("Hola, {name}:")),
        (Locale::Es, Tone::Formal) => name.map_or_else(|| "Buen día:".to_owned(), |name| format!("Buen día, {name}:")),
        (Locale::En, Tone::Friendly) => first.map_or_else(|| "Hello,".to_owned(), |name| format!("Hi {name},")),
        (Locale::En, Tone::Formal) => name.map_or_else(|| "Good day,".to_owned(), |name| format!("Dear {name},")),
    };
    let close = match (ticket.locale, tone) {
        (Locale::Es, Tone::Friendly) => "Un saludo,",
        (Locale::Es, Tone::Formal) => "Atentamente,",
        (Locale::En, Tone::Friendly) => "Best wishes,",
        (Locale::En, Tone::Formal) => "Kind regards,",
    };
    let signed = agent.map(|agent| format!("\n\n{close}\n{}", if agent.name.is_empty() { &agent.id } else { &agent.name }));
    format!("{greeting}\n\n{text}{}", signed.unwrap_or_default())
}

/// The model of the server that wrote it.
fn model_of<'a>(endpoints: &'a [Endpoint], outcome: &Outcome) -> Option<&'a str> {
    endpoints.iter().find(|it| Some(&it.id) == outcome.endpoint.as_ref()).map(|it| it.model.as_str())
}

fn told(ticket: &Ticket, draft: Option<String>, sources: &[&Found], dropped: usize, model: Option<&str>, problem: Option<&str>) -> Json {
    json!({
        "draft": draft,
        "locale": ticket.locale,
        "sources": sources.iter().map(|it| view(it)).collect::<Vec<_>>(),
        "dropped": dropped,
        "model": model,
        "problem": problem,
    })
}
