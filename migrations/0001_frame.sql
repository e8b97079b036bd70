-- What every function shares: tenants, keys, deferred deliveries, idempotent answers, rate windows.
-- One SQLite dialect for D1, Spin SQLite and native SQLite. Times are Unix milliseconds, UTC. Every row has its site.
-- Each statement may run again: Spin applies this file at every start.

CREATE TABLE IF NOT EXISTS sites (
  id TEXT PRIMARY KEY,               -- public UUID, also Umami's website id
  definition TEXT NOT NULL,          -- JSON, as applied
  digest TEXT NOT NULL,              -- of everything applied, so that an unchanged apply is a no-op
  link_secret BLOB NOT NULL,         -- signs this site's download and confirmation links
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS keys (
  hash BLOB PRIMARY KEY,             -- SHA-256 of the key; the key itself is shown once and kept nowhere
  site_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('write', 'read', 'admin')),
  created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS keys_by_site ON keys (site_id, kind);

-- The visitor hash of a day needs that day's salt; deleting the salt makes yesterday's hashes nobody's.
CREATE TABLE IF NOT EXISTS salts (
  day TEXT PRIMARY KEY,              -- YYYY-MM-DD, UTC
  salt BLOB NOT NULL
);

CREATE TABLE IF NOT EXISTS limits (
  key TEXT PRIMARY KEY,
  window_start INTEGER NOT NULL,
  count INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS limits_by_expiry ON limits (expires_at);

CREATE TABLE IF NOT EXISTS idempotency (
  site_id TEXT NOT NULL,
  scope TEXT NOT NULL,               -- what the key is for, such as 'form:demo'
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,         -- SHA-256 of the payload, hex: the same key with another payload is an error
  answer TEXT NOT NULL,              -- JSON the handler rebuilds the same answer from
  subject_id TEXT NOT NULL,          -- what it created, so that erasing the subject erases the answer
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, scope, key)
);
CREATE INDEX IF NOT EXISTS idempotency_by_expiry ON idempotency (expires_at);
CREATE INDEX IF NOT EXISTS idempotency_by_subject ON idempotency (site_id, subject_id);

-- Where deliveries go. Files name them; the signing secret is made here and never stands in a file.
CREATE TABLE IF NOT EXISTS destinations (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,                  -- the name in the site's files, or a UUID for one made over the API
  kind TEXT NOT NULL CHECK (kind IN ('webhook', 'slack', 'email')),
  target TEXT NOT NULL,              -- URL, or address list for e-mail
  secret TEXT,                       -- webhook: whsec_…
  previous_secret TEXT,              -- still signs until previous_until, so that a receiver can rotate in peace
  previous_until INTEGER,
  events TEXT NOT NULL,              -- JSON array of event types, or ["*"]
  is_managed INTEGER NOT NULL,       -- 1: comes from the site's files, which may remove it
  disabled_at INTEGER,
  disabled_reason TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, id)
);

CREATE TABLE IF NOT EXISTS outbox (
  id TEXT PRIMARY KEY,               -- msg_…: the webhook-id, the same on every attempt
  site_id TEXT NOT NULL,
  destination_id TEXT NOT NULL,      -- '' for one-off e-mails such as a confirmation
  kind TEXT NOT NULL CHECK (kind IN ('webhook', 'slack', 'email')),
  target TEXT NOT NULL,              -- as at the time of the event; webhook and Slack read the destination's newer one
  event TEXT NOT NULL,               -- such as lead.created
  subject_id TEXT NOT NULL,          -- the lead: erasing it erases this row
  body TEXT NOT NULL,                -- exactly what is signed and sent
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  leased_until INTEGER NOT NULL DEFAULT 0,
  last_status INTEGER,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  finished_at INTEGER
);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (status, next_at);
CREATE INDEX IF NOT EXISTS outbox_by_site ON outbox (site_id, created_at);
CREATE INDEX IF NOT EXISTS outbox_by_subject ON outbox (site_id, subject_id);

-- What remains of an erased person: that it happened, and nothing of them.
CREATE TABLE IF NOT EXISTS erasures (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  counts TEXT NOT NULL,              -- JSON: rows removed per table
  erased_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS erasures_by_site ON erasures (site_id, erased_at);
