//! What every parser must do with any bytes, one target each: no panic, and the property that makes its answer one to rely on.
//!
//! `libfuzzer/` looks for bytes that break them (`cargo xtask fuzz`); `tests/replay.rs` feeds what it found so far in every `cargo test`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a target says by a panic that a property does not hold")]

mod addresses;
mod bodies;
mod chat;
mod doors;
mod events;
mod files;
mod knowledge;
mod mails;
mod pages;
mod sent;
mod tickets;

/// One parser and what it must do.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which is its corpus' folder too.
    pub name: &'static str,
    /// Feeds it; panics where a property does not hold.
    pub run: fn(&[u8]),
}

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// Every target.
pub const TARGETS: &[Target] = &[
    target("segment", events::segment),
    target("rudder", events::rudder),
    target("umami", events::umami),
    target("plausible", events::plausible),
    target("posthog", events::posthog),
    target("ticket", tickets::ticket),
    target("zendesk", tickets::zendesk),
    target("zendesk-webhook", tickets::zendesk_webhook),
    target("postmark", mails::postmark),
    target("mailgun", mails::mailgun),
    target("resend", mails::resend),
    target("quotation", mails::quotation),
    target("submission", bodies::submission),
    target("multipart", bodies::multipart),
    target("leads-csv", files::leads),
    target("csv-out", files::csv_out),
    target("chat", chat::chat),
    target("openai", chat::openai),
    target("mcp", chat::mcp),
    target("model-stream", chat::model_stream),
    target("kb-lines", knowledge::lines),
    target("kb-csv", knowledge::csv),
    target("kb-article", knowledge::article),
    target("kb-page", knowledge::page),
    target("html", pages::html),
    target("markdown", pages::markdown),
    target("plain", pages::plain),
    target("prose", pages::prose),
    target("content", pages::content),
    target("ical", files::ical),
    target("site-toml", files::site_toml),
    target("email", addresses::email),
    target("guard", addresses::guard),
    target("door-events", doors::events),
    target("door-leads", doors::leads),
    target("door-tickets", doors::tickets),
    target("door-content", doors::texts),
];

/// The target of this name.
#[must_use]
pub fn find(name: &str) -> Option<Target> {
    TARGETS.iter().copied().find(|target| target.name == name)
}

/// The text of an input; what is no UTF-8 is replaced, since a host does not pass it on either.
fn text(input: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(input)
}
