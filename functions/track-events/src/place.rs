//! Where a visit came from, in the few words that statistics count by.

use orilla_core::Request;
use url::Url;

use crate::event::Event;

/// The words of one visit; an empty one is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// `utm_source`, else the host that referred.
    pub source: String,
    /// `utm_medium`.
    pub medium: String,
    /// `utm_campaign`.
    pub campaign: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The language's first subtag.
    pub language: String,
    /// `mobile`, `tablet` or `desktop`.
    pub device: &'static str,
}

/// The longest of these words. Chosen: they stand in every row of a visit.
const MAX_WORD_BYTES: usize = 120;

/// Reads it off an event and its request. UTM parameters of the page's own URL count where the client names none.
#[must_use]
pub fn of(event: &Event, request: &Request) -> Place {
    let page = event.context.url.as_deref().and_then(|url| Url::parse(url).ok());
    let campaign = |name: &str| {
        let given = event.context.campaign.get(name).and_then(|value| value.as_str().map(str::to_owned));
        let parameter = format!("utm_{name}");
        given.or_else(|| page.as_ref()?.query_pairs().find(|(key, _)| *key == parameter.as_str()).map(|(_, value)| value.into_owned()))
    };
    let own_host = page.as_ref().and_then(Url::host_str).map(bare);
    let referring = || {
        let host = Url::parse(event.context.referrer.as_deref()?).ok().and_then(|url| url.host_str().map(|host| bare(host).to_owned()))?;
        (Some(host.as_str()) != own_host).then_some(host)
    };
    let language = event.context.language.clone().or_else(|| request.header(http::header::ACCEPT_LANGUAGE).map(str::to_owned));
    let browser = event.context.user_agent.as_deref().or_else(|| request.header(http::header::USER_AGENT)).unwrap_or_default();
    Place {
        source: word(campaign("source").or_else(referring)),
        medium: word(campaign("medium")),
        campaign: word(campaign("campaign")),
        // The host knows where the request came from, not the visitor that a server speaks for.
        country: word(request.country.clone().filter(|_| event.claims.address.is_none())),
        language: word(language.and_then(|tag| tag.split(['-', '_', ',', ';']).next().map(str::to_ascii_lowercase))),
        device: device(browser),
    }
}

fn bare(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

fn word(text: Option<String>) -> String {
    let text = text.unwrap_or_default();
    text.get(..text.floor_char_boundary(MAX_WORD_BYTES)).unwrap_or_default().to_owned()
}

/// Source: MDN, "Browser detection using the user agent": `Mobi` is on every telephone's browser.
fn device(user_agent: &str) -> &'static str {
    if !user_agent.starts_with("Mozilla/") {
        ""
    } else if user_agent.contains("iPad")
        || user_agent.contains("Tablet")
        || (user_agent.contains("Android") && !user_agent.contains("Mobi"))
    {
        "tablet"
    } else if user_agent.contains("Mobi") {
        "mobile"
    } else {
        "desktop"
    }
}

/// A page's path without what may name a person: no query, no fragment.
#[must_use]
pub fn path(url: &str) -> Option<String> {
    let path = match Url::parse(url) {
        Ok(url) if url.cannot_be_a_base() => return None,
        Ok(url) => url.path().to_owned(),
        Err(_) => url.split(['?', '#']).next().filter(|path| path.starts_with('/'))?.to_owned(),
    };
    Some(path.get(..path.floor_char_boundary(MAX_PATH_BYTES)).unwrap_or_default().to_owned())
}

/// The longest path that pages are told apart by. Source: Plausible takes 2,000 characters.
const MAX_PATH_BYTES: usize = 2_000;
