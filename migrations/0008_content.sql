-- Content scoring: how a site wants its content judged, what became of its documents, and which pages are read again. Nothing here is anybody's.

CREATE TABLE IF NOT EXISTS content_settings (
  site_id TEXT NOT NULL PRIMARY KEY,
  definition TEXT NOT NULL,          -- JSON, as checked: profile, personas, what is kept
  digest TEXT NOT NULL,              -- SHA-256 of it, in hex
  updated_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS content_documents (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,                  -- the site's own name for it
  kind TEXT NOT NULL,                -- such as 'blog'; of the latest version, as the rest
  title TEXT,
  url TEXT,
  language TEXT NOT NULL,            -- es, en or other
  number INTEGER NOT NULL,           -- the latest version's
  score INTEGER NOT NULL,
  grade TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS content_documents_by_time ON content_documents (site_id, updated_at, id);
CREATE INDEX IF NOT EXISTS content_documents_by_age ON content_documents (updated_at);

CREATE TABLE IF NOT EXISTS content_versions (
  site_id TEXT NOT NULL,
  document_id TEXT NOT NULL,
  number INTEGER NOT NULL,           -- from 1 in each document
  label TEXT,                        -- the client's own name for it
  digest TEXT NOT NULL,              -- of text, what was said of it, profile and scores: the same again is no new version
  content_hash TEXT NOT NULL,        -- SHA-256 of the text alone
  profile TEXT NOT NULL,
  language TEXT NOT NULL,
  score INTEGER NOT NULL,
  grade TEXT NOT NULL,
  seo INTEGER,                       -- NULL where nothing of that part applies
  readability INTEGER,
  structure INTEGER,
  persuasion INTEGER,
  stats TEXT NOT NULL,               -- JSON: what was counted
  failing TEXT NOT NULL,             -- JSON list: what is not well, by id
  content TEXT,                      -- the text, of a site that keeps it
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, document_id, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS content_versions_by_age ON content_versions (created_at);

-- Published pages that are read again and again.
CREATE TABLE IF NOT EXISTS content_pages (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,                  -- the document that its versions are of
  url TEXT NOT NULL,
  definition TEXT NOT NULL,          -- JSON: threshold, keyphrase, profile and the rest
  is_low INTEGER NOT NULL DEFAULT 0,         -- it fell and that was told; over the threshold again it may be told anew
  failures INTEGER NOT NULL DEFAULT 0,       -- in a row
  is_lost INTEGER NOT NULL DEFAULT 0,        -- that it cannot be read was told
  problem TEXT,                      -- why it could not be read the last time
  score INTEGER,                     -- of the last time that it could
  checked_at INTEGER,
  next_at INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 0,       -- of two who look at a time one writes
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS content_pages_due ON content_pages (next_at);
