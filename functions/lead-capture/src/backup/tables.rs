//! Which tables a site's backup holds, in which order, and how their rows go in again. A test holds this against the migrations: a table with
//! a `site_id` stands here, or among those that are left out with the reason.

use Clash::{Keep, Replace};

/// The number of the last migration that this list was written for.
pub const SCHEMA: u32 = 11;

/// What happens to a row that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// It stays as it is: what happened since is newer.
    Keep,
    /// The backup's takes its place: how the site is set up.
    Replace,
}

/// A table of a site.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its primary key.
    pub key: &'static [&'static str],
    /// What its rows are read by, page after page: columns that never change, and together tell them apart within a site.
    pub order: &'static [&'static str],
    /// Rows of a page. What holds texts or bytes comes a few at a time, so that a page stays within some megabytes.
    pub page: u32,
    /// What happens to a row that is there already.
    pub clash: Clash,
    /// What must stand in the store for a row to go in, over its columns in braces: what came between two pages is left out with what it hangs on.
    pub needs: &'static str,
    /// Columns of which the store's own stay when a row is replaced.
    pub stays: &'static [&'static str],
}

impl Table {
    /// The column that says whose a row is.
    #[must_use]
    pub fn owner(&self) -> &'static str {
        if self.name == "sites" { "id" } else { "site_id" }
    }
}

/// Rows of a page where they are small. Chosen: a page of them is well under a megabyte.
const SMALL: u32 = 500;
/// Rows of a page that may hold texts. Chosen: of tickets, the longest, twenty are five megabytes.
const LARGE: u32 = 20;

const fn small(name: &'static str, key: &'static [&'static str], order: &'static [&'static str]) -> Table {
    Table { name, key, order, page: SMALL, clash: Keep, needs: "", stays: &[] }
}

const fn large(name: &'static str, key: &'static [&'static str], order: &'static [&'static str]) -> Table {
    Table { page: LARGE, ..small(name, key, order) }
}

const fn with(table: Table, needs: &'static str) -> Table {
    Table { needs, ..table }
}

const fn set_up(table: Table) -> Table {
    Table { clash: Replace, ..table }
}

/// The tables in the order of a backup. What other rows hang on stands before them; a note that something was done stands before what was done, and
/// news of it after. How the site is set up comes last, so that nobody is let in to half of it.
pub const TABLES: &[Table] = &[
    large("idempotency", &["site_id", "scope", "key"], &["scope", "key"]),
    large("leads", &["id"], &["created_at", "id"]),
    with(
        large("submissions", &["id"], &["received_at", "id"]),
        "EXISTS (SELECT 1 FROM leads WHERE site_id = {site_id} AND id = {lead_id})",
    ),
    with(
        small("consents", &["submission_id", "item"], &["lead_id", "submission_id", "item"]),
        "EXISTS (SELECT 1 FROM submissions WHERE site_id = {site_id} AND id = {submission_id})",
    ),
    with(
        small("confirmations", &["site_id", "lead_id"], &["lead_id"]),
        "EXISTS (SELECT 1 FROM leads WHERE site_id = {site_id} AND id = {lead_id})",
    ),
    small("exposures", &["site_id", "experiment", "visitor_id"], &["experiment", "visitor_id"]),
    Table { page: 100, ..small("events", &["site_id", "source", "message_id"], &["source", "message_id"]) },
    small("ledger", &["site_id", "source", "hour", "verdict", "reason"], &["source", "hour", "verdict", "reason"]),
    small("ledger_samples", &["site_id", "source", "hour", "reason", "number"], &["source", "hour", "reason", "number"]),
    small("page_views", &["site_id", "hour", "path"], &["hour", "path"]),
    small("sessions", &["site_id", "session_id"], &["session_id"]),
    Table { page: 100, ..small("people", &["site_id", "visitor_id"], &["visitor_id"]) },
    small("mailboxes", &["site_id", "visitor_id", "email_key"], &["visitor_id", "email_key"]),
    small("suppressions", &["site_id", "hash"], &["hash"]),
    small("conversations", &["site_id", "id"], &["id"]),
    with(
        large("messages", &["site_id", "conversation_id", "number"], &["conversation_id", "number"]),
        "EXISTS (SELECT 1 FROM conversations WHERE site_id = {site_id} AND id = {conversation_id} AND updated_at >= {created_at})",
    ),
    large("kb_questions", &["site_id", "conversation_id", "number"], &["conversation_id", "number"]),
    large("ticket_requests", &["site_id", "id"], &["id"]),
    large("tickets", &["site_id", "id"], &["id"]),
    with(
        large("ticket_events", &["site_id", "ticket_id", "number"], &["ticket_id", "number"]),
        "EXISTS (SELECT 1 FROM tickets WHERE site_id = {site_id} AND id = {ticket_id} AND events >= {number})",
    ),
    small("ticket_origins", &["site_id", "key"], &["key"]),
    large("ticket_lessons", &["site_id", "id"], &["id"]),
    Table { page: 2, ..small("ticket_heads", &["site_id", "task"], &["task"]) },
    large("survey_answers", &["site_id", "id"], &["id"]),
    large("csat_answers", &["site_id", "id"], &["id"]),
    with(
        small("segment_members", &["site_id", "segment", "lead_id"], &["segment", "lead_id"]),
        "EXISTS (SELECT 1 FROM leads WHERE site_id = {site_id} AND id = {lead_id})",
    ),
    with(
        small("segment_standings", &["site_id", "lead_id"], &["lead_id"]),
        "EXISTS (SELECT 1 FROM leads WHERE site_id = {site_id} AND id = {lead_id})",
    ),
    small("content_documents", &["site_id", "id"], &["id"]),
    with(
        Table { page: 4, ..small("content_versions", &["site_id", "document_id", "number"], &["document_id", "number"]) },
        "EXISTS (SELECT 1 FROM content_documents WHERE site_id = {site_id} AND id = {document_id} AND number >= {number})",
    ),
    large("content_pages", &["site_id", "id"], &["id"]),
    small("generator_usage", &["site_id", "day"], &["day"]),
    large("outbox", &["id"], &["created_at", "id"]),
    small("erasures", &["id"], &["erased_at", "id"]),
    Table { stays: &["disabled_at", "disabled_reason"], ..set_up(large("destinations", &["site_id", "id"], &["id"])) },
    Table { stays: &["raised_at", "calm", "revision"], ..set_up(large("alerts", &["site_id", "id"], &["id"])) },
    set_up(small("destination_segments", &["site_id", "destination_id"], &["destination_id"])),
    set_up(large("segments", &["site_id", "id"], &["id"])),
    set_up(Table { page: 1, ..small("segment_sweeps", &["site_id"], &["site_id"]) }),
    set_up(Table { page: 2, ..small("score_rules", &["site_id", "version"], &["version"]) }),
    set_up(Table { page: 4, ..small("forms", &["id"], &["id"]) }),
    set_up(Table { page: 1, ..small("desks", &["site_id"], &["site_id"]) }),
    set_up(small("desk_agents", &["site_id", "id"], &["id"])),
    set_up(large("desk_holidays", &["site_id", "calendar"], &["calendar"])),
    set_up(large("ticket_sources", &["site_id", "name"], &["name"])),
    set_up(Table { page: 1, ..small("content_settings", &["site_id"], &["site_id"]) }),
    set_up(large("kb_articles", &["site_id", "id", "locale"], &["id", "locale"])),
    set_up(small("keys", &["hash"], &["hash"])),
    set_up(Table { page: 1, ..small("sites", &["id"], &["id"]) }),
];

/// Tables of a site that no backup holds, and why.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("kb", "says which version of the articles the index was made of; restored articles have it made anew"),
    ("kb_parts", "the index itself, made of the articles"),
    ("survey_invitations", "who was asked a question today; a day later nobody asks"),
];

/// The table of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}
