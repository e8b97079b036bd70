-- Ticket routing: a site's desk and its people, tickets and everything that happened to them, what agents corrected and what was learnt of it.

CREATE TABLE IF NOT EXISTS desks (
  site_id TEXT NOT NULL PRIMARY KEY,
  definition TEXT NOT NULL,          -- JSON, as checked: calendars, teams, agents, promises, rules
  digest TEXT NOT NULL,              -- SHA-256 of it, in hex
  updated_at INTEGER NOT NULL
);

-- What of an agent changes by the hour; the rest stands in the desk.
CREATE TABLE IF NOT EXISTS desk_agents (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,
  presence TEXT NOT NULL CHECK (presence IN ('online', 'away', 'offline')),
  out_until INTEGER,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS tickets (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,
  number INTEGER NOT NULL,           -- from 1 in each site: what people and Zendesk's wire call it
  source TEXT NOT NULL,              -- such as 'api', 'chat'
  external_id TEXT,                  -- the client's own name for it
  subject TEXT NOT NULL,
  requester TEXT NOT NULL,           -- JSON object: name, email, phone
  requester_key TEXT,                -- the address in lower case
  locale TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('new', 'open', 'pending', 'on_hold', 'solved', 'closed')),
  priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'critical')),
  category TEXT NOT NULL,
  team TEXT NOT NULL,
  assignee TEXT,
  assigned_at INTEGER,
  refused TEXT NOT NULL DEFAULT '[]',    -- JSON: who had it and did not reply in time
  tags TEXT NOT NULL,                -- JSON list
  verdict TEXT NOT NULL,             -- JSON: what was thought of it when it came, and why
  routing TEXT,                      -- JSON: why this agent, or why nobody
  fingerprint TEXT NOT NULL,         -- of requester and words: the same again is no second ticket
  vector BLOB,                       -- its meaning, in bytes, for learning from it later
  merged_into TEXT,
  events INTEGER NOT NULL,           -- the number of the latest
  replied_at INTEGER,                -- the team's last public words
  due_at INTEGER,                    -- the nearest breach of a clock that runs
  next_at INTEGER,                   -- when the clock has to look at it next
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  solved_at INTEGER,
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS tickets_by_number ON tickets (site_id, number);
CREATE INDEX IF NOT EXISTS tickets_by_status ON tickets (site_id, status, due_at);
CREATE INDEX IF NOT EXISTS tickets_by_assignee ON tickets (site_id, assignee, status);
CREATE INDEX IF NOT EXISTS tickets_by_time ON tickets (site_id, updated_at);
CREATE INDEX IF NOT EXISTS tickets_by_fingerprint ON tickets (site_id, fingerprint, created_at);
CREATE INDEX IF NOT EXISTS tickets_by_requester ON tickets (site_id, requester_key);
CREATE INDEX IF NOT EXISTS tickets_due ON tickets (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS tickets_unassigned ON tickets (site_id) WHERE assignee IS NULL AND status IN ('new', 'open');

-- Everything that happened to a ticket, in order: words, changes, alarms. Clocks are reckoned from it; it is the audit, too.
CREATE TABLE IF NOT EXISTS ticket_events (
  site_id TEXT NOT NULL,
  ticket_id TEXT NOT NULL,
  number INTEGER NOT NULL,           -- from 1; of two changes at a time one is decided again
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,               -- 'customer', 'agent:<id>', 'system', 'rule:<id>'
  text TEXT,                         -- what was written, if something was
  data TEXT NOT NULL,                -- JSON object
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, ticket_id, number)
) WITHOUT ROWID;

-- What a site's people said a ticket is: what its head learns from.
CREATE TABLE IF NOT EXISTS ticket_lessons (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,                  -- the ticket's, or the import's own
  words TEXT NOT NULL,               -- what the ticket says
  vector BLOB NOT NULL,
  locale TEXT NOT NULL,
  category TEXT,                     -- where somebody said it
  priority TEXT,
  guessed_category TEXT,             -- what was thought before
  guessed_priority TEXT,
  learnt_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;

-- What was learnt of them, on top of the shipped heads.
CREATE TABLE IF NOT EXISTS ticket_heads (
  site_id TEXT NOT NULL,
  task TEXT NOT NULL CHECK (task IN ('category', 'priority')),
  labels TEXT NOT NULL,              -- JSON list
  bytes BLOB NOT NULL,
  lessons INTEGER NOT NULL,
  learnt_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, task)
) WITHOUT ROWID;
