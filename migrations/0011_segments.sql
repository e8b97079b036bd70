-- Segments: saved rules over leads, who is in each and since when, and what is still to be sorted.

CREATE TABLE IF NOT EXISTS segments (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,          -- the site's version of all segments at which this one last changed
  definition TEXT NOT NULL,          -- JSON: what it is called, what it asks, and the segments that it names
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;

-- Who is in which segment. A row that is new is news, and so is one that goes: each once.
CREATE TABLE IF NOT EXISTS segment_members (
  site_id TEXT NOT NULL,
  segment TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (site_id, segment, lead_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS segment_members_by_lead ON segment_members (site_id, lead_id);

-- One row for each lead that was sorted, or waits for it.
CREATE TABLE IF NOT EXISTS segment_standings (
  site_id TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  version INTEGER NOT NULL,          -- of the segments by which it was last sorted; 0: never
  revision INTEGER NOT NULL,         -- optimistic lock: of two that sort at a time one begins anew
  due_at INTEGER,                    -- when it has to be sorted again, if nothing happens before
  sorted_at INTEGER,
  PRIMARY KEY (site_id, lead_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS segment_standings_due ON segment_standings (due_at) WHERE due_at IS NOT NULL;

-- One row for each site with segments: how far it has come in sorting all its leads by new ones.
CREATE TABLE IF NOT EXISTS segment_sweeps (
  site_id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,          -- grows with every change of the segments
  after_at INTEGER,                  -- the last lead that was told to wait, by time and id
  after_id TEXT,
  is_done INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS segment_sweeps_open ON segment_sweeps (site_id) WHERE is_done = 0;

-- Which destinations hear only of leads in a segment.
CREATE TABLE IF NOT EXISTS destination_segments (
  site_id TEXT NOT NULL,
  destination_id TEXT NOT NULL,
  segment TEXT NOT NULL,
  PRIMARY KEY (site_id, destination_id)
) WITHOUT ROWID;

-- How satisfied visitors are: answers to the CSAT question, as those to the NPS question stand in `survey_answers`.
CREATE TABLE IF NOT EXISTS csat_answers (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,
  visitor TEXT NOT NULL,
  email TEXT,
  score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
  comment TEXT,
  locale TEXT NOT NULL,
  page TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS csat_answers_by_time ON csat_answers (site_id, updated_at, id);
CREATE INDEX IF NOT EXISTS csat_answers_by_visitor ON csat_answers (site_id, visitor);
CREATE INDEX IF NOT EXISTS csat_answers_by_email ON csat_answers (site_id, email) WHERE email IS NOT NULL;

-- Who was asked a question on a page today: the visit that was asked one is asked no other.
CREATE TABLE IF NOT EXISTS survey_invitations (
  site_id TEXT NOT NULL,
  visitor TEXT NOT NULL,             -- the page's own name for them, or a hash that lasts a day
  day TEXT NOT NULL,                 -- YYYY-MM-DD, UTC
  PRIMARY KEY (site_id, visitor, day)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS survey_invitations_by_day ON survey_invitations (day);
