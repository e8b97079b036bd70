//! Wordings that the operator's generator writes: one question, a list of candidates. Nothing of it is believed: each is judged like any other, and
//! one with a figure that the text does not have is dropped.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, header};
use orilla_core::chat::Policy;
use orilla_core::ports::Outbound;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Fetch, Platform, Sql};
use orilla_generate::orders::without_orders;
use orilla_generate::prompt::tokens;
use orilla_generate::stream::{Reader, Usage};
use orilla_generate::thought::Thought;
use orilla_generate::{Endpoint, GeneratorConfig, breaker};
use orilla_text::Locale;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::ContentScore;
use crate::advice::Advice;
use crate::candidates::{Author, Candidate, Place};
use crate::page::{Page, locale};

/// The most that may be written. Chosen: three wordings of four things.
const MOST_TOKENS: u32 = 700;
/// The most bytes of an answer. Chosen: a piece of a stream has some 300 bytes, and one token in it.
const MOST_BYTES: usize = 1024 * 1024;
/// Characters of the text that are shown. Chosen: what it is about is said by then, and each costs tokens.
const SHOWN_CHARS: usize = 3_000;
/// Wordings of one thing that are judged, and the longest, in characters.
const EACH: usize = 5;
const LONGEST: usize = 300;

/// What of a site's definition says whether a model may write for it.
#[derive(Debug, Default, Deserialize)]
struct Definition {
    #[serde(default)]
    chat: Policy,
}

/// What a generator gave.
#[derive(Debug, Default)]
pub struct Written {
    /// Its wordings.
    pub candidates: Vec<Candidate>,
    /// Why there are none. The names are the wire words.
    pub problem: Option<&'static str>,
    /// Which model wrote them.
    pub model: Option<String>,
}

impl Written {
    const fn none(problem: &'static str) -> Self {
        Self { candidates: Vec::new(), problem: Some(problem), model: None }
    }
}

impl<P: Platform> ContentScore<P> {
    /// Has wordings written, where there is a generator that is well, the site wants it and has tokens left. Who has none goes on without.
    ///
    /// Errors: what the store gives before anything is asked.
    pub(crate) async fn written(&self, site: &SiteId, page: &Page<'_>, advice: &[Advice], now: DateTime<Utc>) -> Result<Written, Error> {
        let config = GeneratorConfig::read(&self.platform)?;
        if config.is_empty() {
            return Ok(Written::none("no_generator"));
        }
        let Some(language) = page.language.map(locale) else { return Ok(Written::none("language")) };
        let [system, user] = prompt(page, advice, language);
        let most = tokens(&system).saturating_add(tokens(&user)).saturating_add(MOST_TOKENS);
        let definition = Statement::new("SELECT definition FROM sites WHERE id = ?1").bind(site);
        let ids: Vec<&str> = config.endpoints.iter().map(|it| it.id.as_str()).collect();
        let [health, spent] = breaker::look(&ids, site.as_str(), now.date_naive());
        let [definition, health, spent]: [Rows; 3] = take(self.sql.batch(vec![definition, health, spent]).await?)?;
        let definition: Definition = definition.first().map(|row| row.json("definition")).transpose()?.unwrap_or_default();
        if !definition.chat.generates {
            return Ok(Written::none("not_wanted"));
        }
        if breaker::spent(&spent)?.is_over(definition.chat.daily_tokens, most) {
            return Ok(Written::none("budget"));
        }
        let config = config.awake(&breaker::health(&health)?, now);
        let mut written = Written::none(if config.is_empty() { "resting" } else { "failed" });
        let (mut records, mut usage, mut calls) = (Vec::new(), Usage::default(), 0);
        for endpoint in &config.endpoints {
            calls += 1;
            let answer = self.ask_generator(endpoint, &config, &system, &user).await;
            if let Some((text, cost)) = answer {
                usage = usage.and(cost);
                let candidates = candidates(&text, page);
                if !candidates.is_empty() {
                    records.push(breaker::succeeded(&endpoint.id));
                    written = Written { candidates, problem: None, model: Some(endpoint.model.clone()) };
                    break;
                }
            }
            records.push(breaker::failed(&endpoint.id, now, None));
        }
        if calls > 0 {
            records.push(breaker::charge(site.as_str(), now.date_naive(), usage, calls));
            // The wordings are there by now: a store that fails must not take them away.
            let is_recorded = self.sql.batch(records).await.is_ok();
            let problem = written.problem.unwrap_or("none");
            self.platform.log(format_args!(
                "{{\"function\":\"content-score\",\"event\":\"suggested\",\"problem\":\"{problem}\",\"candidates\":{},\"is_recorded\":{is_recorded}}}",
                written.candidates.len(),
            ));
        }
        Ok(written)
    }

    /// What one server wrote, and what it cost; none where it failed.
    async fn ask_generator(&self, endpoint: &Endpoint, config: &GeneratorConfig, system: &str, user: &str) -> Option<(String, Usage)> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream, application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("Orilla/", env!("CARGO_PKG_VERSION"))));
        if let Some(key) = &endpoint.authorization {
            headers.insert(header::AUTHORIZATION, key.clone());
        }
        let body = json!({
            "model": endpoint.model,
            "messages": [{ "role": "system", "content": system }, { "role": "user", "content": user }],
            "stream": true, "stream_options": { "include_usage": true }, "temperature": 0.7, "max_tokens": MOST_TOKENS,
        });
        let request = Outbound {
            method: Method::POST,
            destination: endpoint.destination.clone(),
            headers,
            body: body.to_string().into(),
            deadline: config.timeout,
            max_bytes: MOST_BYTES,
        };
        let mut answer = self.platform.fetch().fetch(request).await.ok().filter(|answer| answer.status.is_success())?;
        let (mut reader, mut thought, mut text) = (Reader::new(), Thought::default(), String::new());
        while let Some(chunk) = answer.body.next().await {
            text += &thought.push(&reader.push(&chunk.ok()?));
            if reader.is_over() {
                break;
            }
        }
        let (rest, end) = reader.end();
        text += &thought.push(&rest);
        text += &thought.end();
        let estimate = Usage { prompt_tokens: tokens(system) + tokens(user), completion_tokens: tokens(&text) };
        (end.is_answer && !end.is_error).then(|| (text, end.usage.unwrap_or(estimate)))
    }
}

/// What is asked: the text is data between tags that nothing in it can close.
fn prompt(page: &Page<'_>, advice: &[Advice], language: Locale) -> [String; 2] {
    let (role, rules) = match language {
        Locale::Es => (
            "Eres editor de marketing. Propones títulos, metadescripciones, titulares y llamadas a la acción para el texto entre etiquetas <text>.",
            "Escribe en español. Usa solo lo que dice el texto: ni cifras, ni precios, ni promesas nuevas.",
        ),
        Locale::En => (
            "You are a marketing editor. You propose titles, meta descriptions, headlines and calls to action for the text between <text> tags.",
            "Write in English. Use only what the text says: no new figures, prices or promises.",
        ),
    };
    let profile = page.profile;
    let system = format!(
        "{role} {rules} Title: at most 60 characters, keyphrase first. Meta description: {} to {} characters, with the keyphrase. Headline: at most 70 \
         characters. Call to action: 2 to 5 words, a verb first. Answer with one JSON object and nothing else: \
         {{\"title\": [3 texts], \"meta_description\": [3 texts], \"headline\": [3 texts], \"call_to_action\": [3 texts]}}",
        profile.meta_description.min, profile.meta_description.max,
    );
    let of = |advice: &Advice| match language {
        Locale::Es => advice.message.es.clone(),
        Locale::En => advice.message.en.clone(),
    };
    let faults: Vec<String> = advice.iter().take(12).map(of).collect();
    let mut text = String::new();
    for (_, block, _) in page.prose() {
        text.push_str(block.text.as_str());
        text.push('\n');
        if text.len() > 4 * SHOWN_CHARS {
            break;
        }
    }
    let text: String = without_orders(&text).chars().take(SHOWN_CHARS).collect();
    let line = |name: &str, text: &str| format!("<{name}>\n{}\n</{name}>\n", fenced(text));
    let mut user = line("text", &text);
    user += &line("keyphrase", page.asked.keyphrase.as_deref().unwrap_or_default());
    user += &line("title", page.title.as_ref().map(|it| it.as_str()).unwrap_or_default());
    user += &line("meta_description", page.description.as_ref().map(|it| it.as_str()).unwrap_or_default());
    user += &line("persona", page.asked.persona.as_deref().unwrap_or_default());
    user += &line("faults", &faults.join("\n"));
    [system, user]
}

fn fenced(text: &str) -> String {
    text.replace('<', "‹").replace('>', "›")
}

/// Reads the object wherever it stands in the answer; what is none gives nothing.
fn candidates(text: &str, page: &Page<'_>) -> Vec<Candidate> {
    let object = text.find('{').zip(text.rfind('}')).and_then(|(from, to)| text.get(from..=to));
    let Some(Ok(Json::Object(said))) = object.map(serde_json::from_str::<Json>) else { return Vec::new() };
    let known = figures(&page.asked.content);
    let places = [
        ("title", Place::Title),
        ("meta_description", Place::MetaDescription),
        ("headline", Place::Headline),
        ("call_to_action", Place::CallToAction),
    ];
    let mut found = Vec::new();
    for (name, place) in places {
        let texts = said.get(name).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).take(EACH);
        for text in texts {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let is_fine = !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
            if is_fine && figures(&text).is_subset(&known) {
                found.push(Candidate { place, text, author: Author::Generator });
            }
        }
    }
    found
}

/// The runs of digits of a text.
fn figures(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect()
}
