//! Wordings that the operator's generator writes: one question, a list of candidates. Nothing of it is believed: each is judged like any other, and
//! one with a figure that the text does not have is dropped.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use orilla_core::sites::SiteId;
use orilla_core::{Error, Platform, Sql};
use orilla_generate::orders::without_orders;
use orilla_generate::prompt::fenced;
use orilla_generate::{GeneratorConfig, Refusal, Task, allowed, whole};
use orilla_text::Locale;
use serde_json::Value as Json;

use crate::ContentScore;
use crate::advice::Advice;
use crate::candidates::{Author, Candidate, Place};
use crate::page::{Page, locale};

/// The most that may be written. Chosen: three wordings of four things.
const MOST_TOKENS: u32 = 700;
/// How far the model may stray. Chosen: three wordings of one thing should differ.
const TEMPERATURE: f32 = 0.7;
/// Characters of the text that are shown. Chosen: what it is about is said by then, and each costs tokens.
const SHOWN_CHARS: usize = 3_000;
/// Wordings of one thing that are judged, and the longest, in characters.
const EACH: usize = 5;
const LONGEST: usize = 300;

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
        let task = Task { system: &system, user: &user, temperature: TEMPERATURE, max_tokens: MOST_TOKENS };
        let config = match allowed(&self.sql, site, config, task.most_tokens(), now).await? {
            Ok(config) => config,
            Err(Refusal::NotWanted) => return Ok(Written::none("not_wanted")),
            Err(Refusal::Spent) => return Ok(Written::none("budget")),
            Err(Refusal::Resting) => return Ok(Written::none("resting")),
        };
        let some = |text: &str| Some(candidates(text, page)).filter(|them| !them.is_empty());
        let (candidates, outcome) = whole(&self.platform.fetch(), &config, task, some).await;
        // The wordings are there by now: a store that fails must not take them away.
        let is_recorded = self.sql.batch(outcome.record(site.as_str(), now.date_naive(), now)).await.is_ok();
        self.platform.log(format_args!(
            "{{\"function\":\"content-score\",\"event\":\"suggested\",\"problem\":\"{}\",\"candidates\":{},\"is_recorded\":{is_recorded}}}",
            outcome.problem.map_or("none", |it| it.name()),
            candidates.as_ref().map_or(0, Vec::len),
        ));
        let Some(candidates) = candidates else { return Ok(Written::none("failed")) };
        let author = config.endpoints.into_iter().find(|it| Some(&it.id) == outcome.endpoint.as_ref());
        Ok(Written { candidates, problem: None, model: author.map(|it| it.model) })
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
