//! The closed table of what event tracking answers. Dispatch and the OpenAPI document both read it.

use http::Method;
use orilla_core::router::{Access, Route, row};

use crate::event::Kind;
use crate::wire::Wire;

/// Everything a caller can ask of event tracking, by who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A client that sends events.
    Collect(Wire),
    /// A client that asks how to behave.
    Settle(Setup),
    /// A site's, with its read key.
    Read(Read),
}

/// What a client asks before it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Setup {
    /// Segment's browser client.
    Segment,
    /// RudderStack's browser client: `/sourceConfig`.
    Rudder,
    /// PostHog's browser client: its configuration as JSON.
    PostHogConfig,
    /// The same as a script.
    PostHogScript,
    /// PostHog's clients: which feature flags are on.
    PostHogFlags,
}

/// What a site's own people and programs ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Read {
    /// The events themselves.
    Events,
    /// What was received, and what became of it.
    Ledger,
    /// Visitors, visits and views.
    Stats,
    /// How many people did one thing after another.
    Funnels,
    /// How many people came back.
    Retention,
    /// What one person did.
    Journey,
    /// Erases a person, with the admin key.
    Erase,
}

/// The most bytes of a batch. Source: Segment takes 500 KB; the rest is for clients that count characters.
const BATCH_BYTES: usize = 512 * 1024;
/// The most bytes of a request with one event: twice the event's own limit, which is refused in words.
const SINGLE_BYTES: usize = 64 * 1024;

/// The most bytes of a request in PostHog's words. Source: posthog-python ends a batch at 5 MiB, plus the event that crosses the line;
/// PostHog itself takes 20 MB, more than a host reads of any body.
const POSTHOG_BYTES: usize = 6 * 1024 * 1024;

/// The routes, clients' first.
pub static ROUTES: &[Route<Operation>] = {
    use Access::{Admin, Public, Read as WithReadKey};
    use Operation::{Collect as C, Read as R, Settle as S};
    use Wire::{Plausible, PostHog, RudderBeacon, RudderPixel, SegmentBatch, SegmentOne, Umami, UmamiBatch};
    &[
        row(Method::POST, "/v1/batch", C(SegmentBatch), Public, BATCH_BYTES),
        row(Method::POST, "/v1/b", C(SegmentBatch), Public, BATCH_BYTES),
        row(Method::POST, "/v1/import", C(SegmentBatch), Public, BATCH_BYTES),
        // By any word of the site's own, which stands on nobody's list.
        row(Method::POST, "/o/{word}", C(SegmentBatch), Public, BATCH_BYTES),
        row(Method::POST, "/v1/track", C(SegmentOne(Kind::Track)), Public, SINGLE_BYTES),
        row(Method::POST, "/v1/t", C(SegmentOne(Kind::Track)), Public, SINGLE_BYTES),
        row(Method::POST, "/v1/page", C(SegmentOne(Kind::Page)), Public, SINGLE_BYTES),
        row(Method::POST, "/v1/p", C(SegmentOne(Kind::Page)), Public, SINGLE_BYTES),
        row(Method::POST, "/v1/screen", C(SegmentOne(Kind::Screen)), Public, SINGLE_BYTES),
        row(Method::POST, "/v1/s", C(SegmentOne(Kind::Screen)), Public, SINGLE_BYTES),
        row(Method::POST, "/v1/identify", C(SegmentOne(Kind::Identify)), Public, SINGLE_BYTES),
        row(Method::POST, "/v1/i", C(SegmentOne(Kind::Identify)), Public, SINGLE_BYTES),
        row(Method::POST, "/v1/group", C(SegmentOne(Kind::Group)), Public, SINGLE_BYTES),
        row(Method::POST, "/v1/g", C(SegmentOne(Kind::Group)), Public, SINGLE_BYTES),
        row(Method::POST, "/v1/alias", C(SegmentOne(Kind::Alias)), Public, SINGLE_BYTES),
        row(Method::POST, "/v1/a", C(SegmentOne(Kind::Alias)), Public, SINGLE_BYTES),
        row(Method::GET, "/v1/projects/{key}/settings", S(Setup::Segment), Public, 0),
        row(Method::POST, "/beacon/v1/batch", C(RudderBeacon), Public, BATCH_BYTES),
        row(Method::GET, "/pixel/v1/track", C(RudderPixel(Kind::Track)), Public, 0),
        row(Method::GET, "/pixel/v1/page", C(RudderPixel(Kind::Page)), Public, 0),
        row(Method::GET, "/sourceConfig", S(Setup::Rudder), Public, 0),
        row(Method::POST, "/api/send", C(Umami), Public, SINGLE_BYTES),
        row(Method::POST, "/api/batch", C(UmamiBatch), Public, BATCH_BYTES),
        row(Method::POST, "/api/event", C(Plausible), Public, SINGLE_BYTES),
        row(Method::POST, "/batch", C(PostHog), Public, POSTHOG_BYTES),
        row(Method::POST, "/e", C(PostHog), Public, POSTHOG_BYTES),
        row(Method::POST, "/i/v0/e", C(PostHog), Public, POSTHOG_BYTES),
        row(Method::POST, "/capture", C(PostHog), Public, POSTHOG_BYTES),
        row(Method::POST, "/track", C(PostHog), Public, POSTHOG_BYTES),
        row(Method::POST, "/engage", C(PostHog), Public, POSTHOG_BYTES),
        row(Method::POST, "/flags", S(Setup::PostHogFlags), Public, SINGLE_BYTES),
        row(Method::POST, "/decide", S(Setup::PostHogFlags), Public, SINGLE_BYTES),
        row(Method::GET, "/array/{key}/config", S(Setup::PostHogConfig), Public, 0),
        row(Method::GET, "/array/{key}/config.js", S(Setup::PostHogScript), Public, 0),
        row(Method::GET, "/v1/events", R(Read::Events), WithReadKey, 0),
        row(Method::GET, "/v1/ledger", R(Read::Ledger), WithReadKey, 0),
        row(Method::GET, "/v1/stats", R(Read::Stats), WithReadKey, 0),
        row(Method::GET, "/v1/funnels", R(Read::Funnels), WithReadKey, 0),
        row(Method::GET, "/v1/retention", R(Read::Retention), WithReadKey, 0),
        row(Method::GET, "/v1/people/{id}/journey", R(Read::Journey), WithReadKey, 0),
        row(Method::DELETE, "/v1/people/{id}", R(Read::Erase), Admin, 0),
    ]
};
