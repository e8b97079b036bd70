//! The closed table of what ticket routing answers. Dispatch and the OpenAPI document both read it.

use http::Method;
use orilla_core::router::{Access, Route, row};

/// Everything a caller can ask of ticket routing, by who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A visitor's page, or a program that speaks for one.
    Visit(Visit),
    /// A site's, with its read or admin key.
    Manage(Manage),
    /// The same, in Zendesk's words.
    Zendesk(Zendesk),
    /// The operator's, or the site's own admin key's.
    Operate(Operate),
    /// A mail service or another desk, by the path that one site gave it.
    Inbound,
}

/// What a page asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visit {
    /// Opens a ticket.
    Create,
    /// Shows who asked for help what they chose; stores nothing.
    AskSatisfaction,
    /// Stores how the help was.
    Rate,
    /// Says whether they would recommend the site.
    AnswerNps,
    /// Says how satisfied they are with it.
    AnswerCsat,
    /// Asks whether a visitor may be asked now.
    Invite,
}

impl Visit {
    /// Whether a person opens it in a browser, who reads sentences and no JSON when it fails.
    #[must_use]
    pub const fn is_a_page(self) -> bool {
        matches!(self, Self::AskSatisfaction | Self::Rate)
    }
}

/// What a client of Zendesk's asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Zendesk {
    /// Opens a ticket.
    Create,
    /// Lists tickets.
    List,
    /// One ticket.
    Show,
    /// Changes one, perhaps with a comment.
    Update,
    /// What was written in one.
    Comments,
}

/// What a site's own people and programs ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Manage {
    /// Lists tickets.
    ListTickets,
    /// One ticket, whole.
    ShowTicket,
    /// Changes one.
    ChangeTicket,
    /// Writes into one.
    Comment,
    /// Takes one.
    ClaimTicket,
    /// Makes one a part of another.
    MergeTicket,
    /// What could be answered, from the site's articles.
    SuggestReplies,
    /// A reply that a model drafts from them.
    DraftReply,
    /// Erases one.
    EraseTicket,
    /// What a ticket would be taken for.
    Classify,
    /// Who is there.
    ListAgents,
    /// Says that somebody is there.
    SetPresence,
    /// The desk as it stands.
    ShowDesk,
    /// How good the labels are.
    ShowQuality,
    /// Learns from corrections.
    Train,
    /// What became of tickets lately.
    ShowReport,
    /// What agents do to many tickets alike.
    ListMacros,
    /// Does it to one.
    ApplyMacro,
    /// A link by which a customer says how the help was.
    IssueSatisfactionLink,
    /// Who would recommend the site.
    ShowNps,
    /// How satisfied visitors are.
    ShowCsat,
    /// Erases what somebody answered to the first question.
    EraseAnswers,
    /// Erases what somebody answered to the second.
    EraseCsat,
    /// Problems that come again.
    ShowProblems,
    /// Those that no article answers.
    ShowGaps,
    /// Where tickets come from.
    ListSources,
    /// Adds a source, or gives one another secret.
    PutSource,
    /// Takes one away.
    RemoveSource,
    /// Closes the days of a feed in one calendar.
    PutHolidays,
}

/// What whoever runs the deployment asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operate {
    /// Applies the desk of a site's files.
    ApplyDesk,
}

/// The most bytes of a ticket: its words, escaped, and the rest. Source: what the issue has refused or kept.
const TICKET_BYTES: usize = 1024 * 1024;
/// The most bytes of a small JSON request.
const SMALL_BYTES: usize = 16 * 1024;
/// The most bytes of a desk: a hundred people and fifty years of holidays.
const DESK_BYTES: usize = 512 * 1024;
/// The most bytes of what a service sends: a mail of 5 MB with its files in base64. Chosen: below what an adapter reads of any body, so that a
/// service is told what was too large.
const INBOUND_BYTES: usize = 7 * 1024 * 1024;
/// The most bytes of a feed. Source: `orilla_desk::ical::MOST_BYTES`.
const FEED_BYTES: usize = orilla_desk::ical::MOST_BYTES;

/// The routes, visitors' first.
pub static ROUTES: &[Route<Operation>] = {
    use Access::{Admin, Operator, Public, Read};
    use Operation::{Manage as M, Operate as O, Visit as V, Zendesk as Z};
    &[
        row(Method::POST, "/v1/tickets", V(Visit::Create), Public, TICKET_BYTES),
        row(Method::POST, "/v1/tickets/classify", M(Manage::Classify), Read, TICKET_BYTES),
        row(Method::GET, "/v1/tickets", M(Manage::ListTickets), Read, 0),
        row(Method::GET, "/v1/tickets/{ticket}", M(Manage::ShowTicket), Read, 0),
        row(Method::PATCH, "/v1/tickets/{ticket}", M(Manage::ChangeTicket), Admin, SMALL_BYTES),
        row(Method::DELETE, "/v1/tickets/{ticket}", M(Manage::EraseTicket), Admin, 0),
        row(Method::POST, "/v1/tickets/{ticket}/comments", M(Manage::Comment), Admin, TICKET_BYTES),
        row(Method::POST, "/v1/tickets/{ticket}/claim", M(Manage::ClaimTicket), Admin, SMALL_BYTES),
        row(Method::POST, "/v1/tickets/{ticket}/merge", M(Manage::MergeTicket), Admin, SMALL_BYTES),
        row(Method::POST, "/v1/tickets/{ticket}/macro", M(Manage::ApplyMacro), Admin, TICKET_BYTES),
        row(Method::POST, "/v1/tickets/{ticket}/satisfaction-link", M(Manage::IssueSatisfactionLink), Admin, SMALL_BYTES),
        row(Method::GET, "/v1/tickets/{ticket}/suggestions", M(Manage::SuggestReplies), Read, 0),
        row(Method::POST, "/v1/tickets/{ticket}/draft", M(Manage::DraftReply), Admin, SMALL_BYTES),
        row(Method::GET, "/v1/agents", M(Manage::ListAgents), Read, 0),
        row(Method::PATCH, "/v1/agents/{agent}", M(Manage::SetPresence), Admin, SMALL_BYTES),
        row(Method::GET, "/v1/routing/desk", M(Manage::ShowDesk), Read, 0),
        row(Method::GET, "/v1/routing/macros", M(Manage::ListMacros), Read, 0),
        row(Method::GET, "/v1/routing/quality", M(Manage::ShowQuality), Read, 0),
        row(Method::GET, "/v1/routing/report", M(Manage::ShowReport), Read, 0),
        row(Method::GET, "/v1/routing/problems", M(Manage::ShowProblems), Read, 0),
        row(Method::GET, "/v1/routing/gaps", M(Manage::ShowGaps), Read, 0),
        row(Method::POST, "/v1/routing/train", M(Manage::Train), Admin, SMALL_BYTES),
        row(Method::GET, "/v1/satisfaction/{token}", V(Visit::AskSatisfaction), Public, 0),
        row(Method::POST, "/v1/satisfaction/{token}", V(Visit::Rate), Public, SMALL_BYTES),
        row(Method::POST, "/v1/surveys/nps", V(Visit::AnswerNps), Public, SMALL_BYTES),
        row(Method::GET, "/v1/surveys/nps", M(Manage::ShowNps), Read, 0),
        row(Method::DELETE, "/v1/surveys/nps", M(Manage::EraseAnswers), Admin, 0),
        row(Method::POST, "/v1/surveys/csat", V(Visit::AnswerCsat), Public, SMALL_BYTES),
        row(Method::GET, "/v1/surveys/csat", M(Manage::ShowCsat), Read, 0),
        row(Method::DELETE, "/v1/surveys/csat", M(Manage::EraseCsat), Admin, 0),
        row(Method::POST, "/v1/surveys/{survey}/invitations", V(Visit::Invite), Public, SMALL_BYTES),
        row(Method::POST, "/api/v2/tickets.json", Z(Zendesk::Create), Admin, TICKET_BYTES),
        row(Method::GET, "/api/v2/tickets.json", Z(Zendesk::List), Read, 0),
        row(Method::GET, "/api/v2/tickets/{ticket}", Z(Zendesk::Show), Read, 0),
        row(Method::PUT, "/api/v2/tickets/{ticket}", Z(Zendesk::Update), Admin, TICKET_BYTES),
        row(Method::GET, "/api/v2/tickets/{ticket}/comments.json", Z(Zendesk::Comments), Read, 0),
        row(Method::GET, "/v1/routing/sources", M(Manage::ListSources), Admin, 0),
        row(Method::PUT, "/v1/routing/sources/{source}", M(Manage::PutSource), Admin, SMALL_BYTES),
        row(Method::DELETE, "/v1/routing/sources/{source}", M(Manage::RemoveSource), Admin, 0),
        row(Method::PUT, "/v1/routing/calendars/{calendar}/holidays", M(Manage::PutHolidays), Admin, FEED_BYTES),
        row(Method::POST, "/v1/inbound/{source}", Operation::Inbound, Public, INBOUND_BYTES),
        row(Method::PUT, "/v1/routing/sites/{site}", O(Operate::ApplyDesk), Operator, DESK_BYTES),
    ]
};
