-- What customers say of the site and of its help: answers to the NPS question. How they rated a ticket's help stands among the ticket's events.

CREATE TABLE IF NOT EXISTS survey_answers (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,
  visitor TEXT NOT NULL,             -- the page's own name for them, or a hash that lasts a day
  email TEXT,                        -- in lower case
  score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 10),
  comment TEXT,
  locale TEXT NOT NULL,
  page TEXT,
  created_at INTEGER NOT NULL,       -- of the first answer: the days in which a second one changes it
  updated_at INTEGER NOT NULL,       -- of the last
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS survey_answers_by_time ON survey_answers (site_id, updated_at, id);
CREATE INDEX IF NOT EXISTS survey_answers_by_visitor ON survey_answers (site_id, visitor);
CREATE INDEX IF NOT EXISTS survey_answers_by_email ON survey_answers (site_id, email) WHERE email IS NOT NULL;

-- Of a year's events only the votes are read.
CREATE INDEX IF NOT EXISTS ticket_events_rated ON ticket_events (site_id, created_at) WHERE kind = 'rated';
