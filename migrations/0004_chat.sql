-- FAQ chat: a site's articles and their index, conversations and who has the floor in them, what could not be answered.

CREATE TABLE IF NOT EXISTS kb_articles (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,                  -- shared by the same article in two languages
  locale TEXT NOT NULL CHECK (locale IN ('es', 'en')),
  definition TEXT NOT NULL,          -- JSON, as checked
  digest TEXT NOT NULL,              -- SHA-256 of it, in hex: what did not change is not written
  is_managed INTEGER NOT NULL,       -- 1: comes from the site's files, which may remove it
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, id, locale)
) WITHOUT ROWID;

-- The version goes up with every change of an article; the index says of which version it was made.
CREATE TABLE IF NOT EXISTS kb (
  site_id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  indexed INTEGER NOT NULL DEFAULT 0,        -- the version that the index was made of
  generation INTEGER NOT NULL DEFAULT 0,     -- names the parts of the index in force; 0 before the first
  pending INTEGER NOT NULL DEFAULT 0,        -- articles of that version that are not in it yet
  entries INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  quality TEXT NOT NULL DEFAULT '{}',        -- JSON: what became of the site's own questions
  built_at INTEGER
);

-- The index in parts that every host's row takes.
CREATE TABLE IF NOT EXISTS kb_parts (
  site_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  number INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (site_id, generation, number)
);

CREATE TABLE IF NOT EXISTS conversations (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('bot', 'waiting', 'human', 'resolved')),
  locale TEXT NOT NULL,
  visitor_id TEXT NOT NULL,          -- the day's hash
  page TEXT,                         -- where it began
  agent TEXT,                        -- who has the floor
  contact TEXT NOT NULL,             -- JSON object: e-mail and name, as the visitor gave them
  ticket_id TEXT,                    -- of the last hand-off
  handoffs INTEGER NOT NULL DEFAULT 0,
  unanswered INTEGER NOT NULL DEFAULT 0,     -- in a row
  is_unhelpful INTEGER NOT NULL DEFAULT 0,   -- somebody said so of an answer
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS conversations_by_state ON conversations (site_id, state, updated_at);
CREATE INDEX IF NOT EXISTS conversations_by_time ON conversations (site_id, updated_at);
CREATE INDEX IF NOT EXISTS conversations_by_age ON conversations (updated_at);

CREATE TABLE IF NOT EXISTS messages (
  site_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  number INTEGER NOT NULL,           -- from 1; every turn and every change of state adds one, so that of two at a time one is decided again
  author TEXT NOT NULL CHECK (author IN ('visitor', 'bot', 'agent', 'notice')),
  text TEXT NOT NULL,
  detail TEXT NOT NULL,              -- JSON object: of the bot's its sources, choices and reasons
  is_helpful INTEGER,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, conversation_id, number)
) WITHOUT ROWID;

-- What the site could not answer, or answered badly: the questions that its knowledge lacks.
CREATE TABLE IF NOT EXISTS kb_questions (
  site_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  number INTEGER NOT NULL,           -- the bot's message that did not answer it
  question TEXT NOT NULL,
  locale TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('unsure', 'unhelpful')),
  asked_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, conversation_id, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kb_questions_by_time ON kb_questions (site_id, asked_at);

-- What is to become a ticket, until the ticket function has taken it.
CREATE TABLE IF NOT EXISTS ticket_requests (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,                  -- becomes the ticket's
  source TEXT NOT NULL,              -- such as 'chat'
  subject_id TEXT NOT NULL,          -- the conversation
  body TEXT NOT NULL,                -- JSON: transcript, language, contact, what was found
  created_at INTEGER NOT NULL,
  taken_at INTEGER,
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ticket_requests_by_subject ON ticket_requests (site_id, subject_id);
CREATE INDEX IF NOT EXISTS ticket_requests_waiting ON ticket_requests (created_at) WHERE taken_at IS NULL;

-- The generator: whether its endpoints answer, and what each site has used of it today.
CREATE TABLE IF NOT EXISTS generator_health (
  endpoint TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,         -- in a row
  open_until INTEGER NOT NULL        -- Unix milliseconds; until then nobody tries
);

CREATE TABLE IF NOT EXISTS generator_usage (
  site_id TEXT NOT NULL,
  day TEXT NOT NULL,                 -- YYYY-MM-DD, UTC
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (site_id, day)
);
