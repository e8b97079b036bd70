-- Lead capture: forms, leads, every submission, consent receipts, score rules, experiments.

CREATE TABLE IF NOT EXISTS forms (
  id TEXT PRIMARY KEY,               -- public and unique across the deployment: /f/{id} has no other tenant
  site_id TEXT NOT NULL,
  version INTEGER NOT NULL,          -- grows by one with every changed apply
  digest TEXT NOT NULL,
  definition TEXT NOT NULL,          -- JSON, as applied
  is_active INTEGER NOT NULL DEFAULT 1,
  updated_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS forms_by_site ON forms (site_id);

-- Every version of the scoring rules: an old score can always be explained.
CREATE TABLE IF NOT EXISTS score_rules (
  site_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  digest TEXT NOT NULL,
  rules TEXT NOT NULL,               -- JSON, as applied
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, version)
);

CREATE TABLE IF NOT EXISTS leads (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  email TEXT NOT NULL,               -- as last given
  email_key TEXT NOT NULL,           -- normalised: one lead per site and mailbox
  fields TEXT NOT NULL,              -- JSON object: the newest non-empty value of each field
  locale TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('accept', 'quarantine')),
  form_id TEXT NOT NULL,             -- of the first submission
  visitor_id TEXT,
  first_touch TEXT NOT NULL,         -- JSON: utm, referrer, page, variant, at
  last_touch TEXT NOT NULL,
  tags TEXT NOT NULL,                -- JSON array
  score INTEGER NOT NULL,            -- combined, 0 to 100
  fit INTEGER NOT NULL,
  engagement INTEGER NOT NULL,
  band TEXT NOT NULL,                -- A1 to C3
  score_detail TEXT NOT NULL,        -- JSON: every contribution, and the rules' version
  is_confirmed INTEGER NOT NULL,     -- 0 while a double opt-in waits
  submissions INTEGER NOT NULL,
  revision INTEGER NOT NULL,         -- optimistic lock
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS leads_by_email ON leads (site_id, email_key);
CREATE INDEX IF NOT EXISTS leads_by_time ON leads (site_id, created_at, id);

CREATE TABLE IF NOT EXISTS submissions (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  form_id TEXT NOT NULL,
  form_version INTEGER NOT NULL,
  lead_id TEXT NOT NULL,
  fields TEXT NOT NULL,              -- JSON object, as given
  extra TEXT NOT NULL,               -- JSON object: fields the form does not define, kept rather than lost
  locale TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('accept', 'quarantine')),
  reasons TEXT NOT NULL,             -- JSON array of verdict reasons, also those that only took note
  content_hash TEXT NOT NULL,        -- of form, mailbox and fields: finds repeats
  address_hash TEXT,                 -- salted by day
  visitor_id TEXT,
  variant TEXT,
  touch TEXT NOT NULL,               -- JSON: utm, referrer, page, variant, at
  score INTEGER NOT NULL,
  score_detail TEXT NOT NULL,
  released_at INTEGER,               -- when a person said "not spam"
  received_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS submissions_by_lead ON submissions (site_id, lead_id, received_at);
CREATE INDEX IF NOT EXISTS submissions_by_time ON submissions (site_id, received_at, id);
CREATE INDEX IF NOT EXISTS submissions_by_form ON submissions (site_id, form_id, received_at);
CREATE INDEX IF NOT EXISTS submissions_by_content ON submissions (site_id, content_hash, received_at);

-- One row per consent item a person answered: what exactly they read, and when.
CREATE TABLE IF NOT EXISTS consents (
  submission_id TEXT NOT NULL,
  site_id TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  item TEXT NOT NULL,
  is_given INTEGER NOT NULL,
  text_hash TEXT NOT NULL,           -- SHA-256 of the exact text in the locale shown, hex
  form_version INTEGER NOT NULL,
  locale TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  confirmed_at INTEGER,              -- double opt-in
  PRIMARY KEY (submission_id, item)
);
CREATE INDEX IF NOT EXISTS consents_by_lead ON consents (site_id, lead_id);

-- Whose mailbox was confirmed by its owner. A lead without a row here was never asked, or has not answered yet.
CREATE TABLE IF NOT EXISTS confirmations (
  site_id TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  confirmed_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, lead_id)
);

-- One exposure per visitor and experiment; a conversion marks the row.
CREATE TABLE IF NOT EXISTS exposures (
  site_id TEXT NOT NULL,
  experiment TEXT NOT NULL,
  visitor_id TEXT NOT NULL,
  variant TEXT NOT NULL,
  exposed_at INTEGER NOT NULL,
  converted_at INTEGER,
  lead_id TEXT,
  PRIMARY KEY (site_id, experiment, visitor_id)
);
CREATE INDEX IF NOT EXISTS exposures_by_lead ON exposures (site_id, lead_id);
CREATE INDEX IF NOT EXISTS exposures_by_visitor ON exposures (site_id, visitor_id);
