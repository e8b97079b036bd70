-- Events: what visitors did, the ledger of everything received, and roll-ups that answer statistics without reading events.

CREATE TABLE IF NOT EXISTS events (
  site_id TEXT NOT NULL,
  source TEXT NOT NULL,              -- the wire and, where one was shown, the beginning of the write key's hash: ids are unique in it
  message_id TEXT NOT NULL,          -- the client's, or derived from the content
  type TEXT NOT NULL CHECK (type IN ('track', 'page', 'screen', 'identify', 'group', 'alias')),
  name TEXT NOT NULL,
  visitor_id TEXT NOT NULL,          -- the anonymous id, else the user's, else the day's hash
  user_id TEXT,
  person_id TEXT NOT NULL,           -- whom funnels count: the visitor, until they say who they are
  lead_id TEXT,                      -- once the visitor is known as a lead
  session_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,         -- order among events of one moment
  occurred_at INTEGER NOT NULL,      -- corrected
  occurred_raw INTEGER,              -- as the device's clock said
  sent_raw INTEGER,                  -- when the device's clock said that it sent
  received_at INTEGER NOT NULL,
  url TEXT,
  path TEXT,
  properties TEXT NOT NULL,          -- JSON object, as given but for what the site's policy removes
  context TEXT NOT NULL,             -- JSON object: page, campaign, language, device, country, library
  PRIMARY KEY (site_id, source, message_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS events_by_visitor ON events (site_id, visitor_id, occurred_at);
CREATE INDEX IF NOT EXISTS events_by_lead ON events (site_id, lead_id, occurred_at) WHERE lead_id IS NOT NULL;
-- Funnels and retention read these three alone, person by person, without the rows themselves.
CREATE INDEX IF NOT EXISTS events_by_name ON events (site_id, name, person_id, occurred_at, sequence);
CREATE INDEX IF NOT EXISTS events_by_path ON events (site_id, path, person_id, occurred_at, sequence) WHERE type = 'page';
CREATE INDEX IF NOT EXISTS events_by_person ON events (site_id, person_id, occurred_at);
CREATE INDEX IF NOT EXISTS events_by_time ON events (site_id, received_at, sequence, source, message_id);

-- received = accepted + duplicate + bot + quarantined + invalid, for every source and hour.
CREATE TABLE IF NOT EXISTS ledger (
  site_id TEXT NOT NULL,
  source TEXT NOT NULL,
  hour INTEGER NOT NULL,             -- Unix milliseconds, when it was received
  verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'duplicate', 'bot', 'quarantined', 'invalid')),
  reason TEXT NOT NULL,              -- '' for accepted and duplicate
  count INTEGER NOT NULL,
  PRIMARY KEY (site_id, source, hour, verdict, reason)
) WITHOUT ROWID;

-- The first few of what was filtered in an hour, with nothing personal in them.
CREATE TABLE IF NOT EXISTS ledger_samples (
  site_id TEXT NOT NULL,
  source TEXT NOT NULL,
  hour INTEGER NOT NULL,
  reason TEXT NOT NULL,
  number INTEGER NOT NULL,
  sample TEXT NOT NULL,              -- JSON: name, path, browser, library
  PRIMARY KEY (site_id, source, hour, reason, number)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sessions (
  site_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  visitor_id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  skew INTEGER NOT NULL,             -- milliseconds added to the device's clock; one for the whole session, so that its order stays
  views INTEGER NOT NULL,
  events INTEGER NOT NULL,
  entry_path TEXT,
  source TEXT NOT NULL,              -- utm_source, else the referring host, else ''
  medium TEXT NOT NULL,
  campaign TEXT NOT NULL,
  country TEXT NOT NULL,
  language TEXT NOT NULL,
  device TEXT NOT NULL,
  PRIMARY KEY (site_id, session_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_by_visitor ON sessions (site_id, visitor_id, last_at);
-- Statistics read this one alone: with a look at each row beside it they take six times as long.
CREATE INDEX IF NOT EXISTS sessions_by_time ON sessions (site_id, started_at, last_at, visitor_id, views, events, entry_path, source, medium,
  campaign, country, language, device);

-- Views of a path in an hour of the site's own time zone; those without consent count here and nowhere else.
CREATE TABLE IF NOT EXISTS page_views (
  site_id TEXT NOT NULL,
  hour INTEGER NOT NULL,
  path TEXT NOT NULL,
  views INTEGER NOT NULL,
  uncounted INTEGER NOT NULL,        -- of them, views of visitors who are not kept
  PRIMARY KEY (site_id, hour, path)
) WITHOUT ROWID;

-- Who is who: a visitor's person, once they said.
CREATE TABLE IF NOT EXISTS people (
  site_id TEXT NOT NULL,
  visitor_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  lead_id TEXT,
  traits TEXT NOT NULL,              -- JSON object
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, visitor_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS people_by_person ON people (site_id, person_id);
CREATE INDEX IF NOT EXISTS people_by_lead ON people (site_id, lead_id) WHERE lead_id IS NOT NULL;

-- Which mailboxes a visitor named when they identified themselves: how a person is found by e-mail.
CREATE TABLE IF NOT EXISTS mailboxes (
  site_id TEXT NOT NULL,
  visitor_id TEXT NOT NULL,
  email_key TEXT NOT NULL,
  PRIMARY KEY (site_id, visitor_id, email_key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mailboxes_by_email ON mailboxes (site_id, email_key);

-- Who asked to be forgotten stays forgotten: a hash under the site's own secret, of a visitor, a user or a mailbox.
CREATE TABLE IF NOT EXISTS suppressions (
  site_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, hash)
) WITHOUT ROWID;
