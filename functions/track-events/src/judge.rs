//! Who is kept out, and why. Pure: what the request and the event say, against the site's policy.

use std::cell::RefCell;
use std::net::IpAddr;

use orilla_core::Request;
use orilla_core::tracking::Consent;

use crate::desk::Desk;
use crate::event::Event;
use crate::robots;
use crate::verdict::Reason;

/// What a request says of all its events.
#[derive(Debug)]
pub struct Circumstances<'a> {
    /// Where it came from.
    pub address: Option<IpAddr>,
    /// The browser, as the header names it.
    pub user_agent: &'a str,
    /// Whether the browser asks not to be tracked.
    pub is_opted_out: bool,
    /// Whether the browser only looked ahead.
    pub is_prefetch: bool,
    /// The last browser judged and what it is: a request's events come from one, as a rule.
    judged: RefCell<Option<(String, bool)>>,
}

impl<'a> Circumstances<'a> {
    /// Reads the headers.
    ///
    /// Source: DNT; Global Privacy Control §3.2; Fetch, `Sec-Purpose`, and the older names that browsers still send.
    #[must_use]
    pub fn of(request: &'a Request) -> Self {
        let says = |name: &str, value: &str| request.header(name).is_some_and(|given| given.trim() == value);
        let looks_ahead = |name: &str| request.header(name).is_some_and(|given| given.contains("prefetch") || given.contains("preview"));
        Self {
            address: request.client,
            user_agent: request.header(http::header::USER_AGENT).unwrap_or_default(),
            is_opted_out: says("dnt", "1") || says("sec-gpc", "1"),
            is_prefetch: ["sec-purpose", "purpose", "x-purpose", "x-moz"].into_iter().any(looks_ahead),
            judged: RefCell::default(),
        }
    }

    fn is_robot(&self, browser: &str) -> bool {
        let mut judged = self.judged.borrow_mut();
        match &*judged {
            Some((name, is_robot)) if name == browser => *is_robot,
            _ => judged.insert((browser.to_owned(), robots::is_robot(browser))).1,
        }
    }
}

/// The first reason to keep an event out, robots first: a robot's wishes are nobody's.
#[must_use]
pub fn objection(event: &Event, circumstances: &Circumstances<'_>, desk: &Desk) -> Option<Reason> {
    let policy = &desk.policy;
    if is_a_robots(event, circumstances, desk.has_key) {
        return Some(Reason::UserAgent);
    }
    if circumstances.is_prefetch {
        return Some(Reason::Prefetch);
    }
    if event.context.referrer.as_deref().is_some_and(robots::is_spam_referrer) {
        return Some(Reason::SpamReferrer);
    }
    if event.claims.address.or(circumstances.address).is_some_and(|address| desk.blocked.iter().any(|network| network.contains(address))) {
        return Some(Reason::BlockedAddress);
    }
    if policy.respects_opt_out && circumstances.is_opted_out {
        return Some(Reason::OptedOut);
    }
    let is_agreed = event.context.consent.unwrap_or(policy.consent == Consent::NotNeeded);
    (!is_agreed).then_some(Reason::ConsentMissing)
}

/// A program that shows a key and does not call itself a browser is the site's own server, whatever a list of robots says.
fn is_a_robots(event: &Event, circumstances: &Circumstances<'_>, has_key: bool) -> bool {
    match &event.context.user_agent {
        Some(browser) => circumstances.is_robot(browser),
        None if has_key && !circumstances.user_agent.starts_with("Mozilla/") => false,
        None => circumstances.is_robot(circumstances.user_agent),
    }
}
