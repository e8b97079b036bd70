-- Where tickets come from besides forms and programs, which messages became part of a ticket, and days that a feed closes.

CREATE TABLE IF NOT EXISTS ticket_sources (
  site_id TEXT NOT NULL,
  name TEXT NOT NULL,                -- the site's own word for it
  id TEXT NOT NULL,                  -- 256 random bits: the last part of the path that the service calls
  kind TEXT NOT NULL CHECK (kind IN ('postmark', 'mailgun', 'resend', 'zendesk')),
  secret TEXT,                       -- what the service signs with, or shows
  takes_lists INTEGER NOT NULL,      -- 1: mails of lists are questions, as where the address is a group's
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, name)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS ticket_sources_by_id ON ticket_sources (id);

-- What came from a source, by a hash of its own id: it comes once, and what answers it finds its ticket.
CREATE TABLE IF NOT EXISTS ticket_origins (
  site_id TEXT NOT NULL,
  key TEXT NOT NULL,                 -- SHA-256 in hex
  ticket_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ticket_origins_by_ticket ON ticket_origins (site_id, ticket_id);

-- Holidays of a calendar from a feed, beside those of the desk's files, which may be applied again and again.
CREATE TABLE IF NOT EXISTS desk_holidays (
  site_id TEXT NOT NULL,
  calendar TEXT NOT NULL,            -- its name in the desk
  holidays TEXT NOT NULL,            -- JSON list
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, calendar)
) WITHOUT ROWID;
