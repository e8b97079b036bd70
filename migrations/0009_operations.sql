-- What an operator watches: counters of the whole deployment, and the alerts that sites asked for. Counters hold nothing of a visitor or a site.

-- Counters since the first day; they only grow. What a route is called is its template, so that there are as many rows as there are routes.
CREATE TABLE IF NOT EXISTS metric_totals (
  family TEXT NOT NULL CHECK (family IN ('request', 'tick', 'delivery')),
  function TEXT NOT NULL,            -- '' for deliveries: whoever carries one does so by chance
  route TEXT NOT NULL,
  method TEXT NOT NULL,
  outcome TEXT NOT NULL,             -- 'ok' or a failure's code
  count INTEGER NOT NULL,
  millis INTEGER NOT NULL,           -- together
  bucket_0 INTEGER NOT NULL,         -- how many took up to 10 ms, then more than that and up to 50, 100, 250, 500, 1,000, 2,000, 5,000, 10,000, and longer
  bucket_1 INTEGER NOT NULL,
  bucket_2 INTEGER NOT NULL,
  bucket_3 INTEGER NOT NULL,
  bucket_4 INTEGER NOT NULL,
  bucket_5 INTEGER NOT NULL,
  bucket_6 INTEGER NOT NULL,
  bucket_7 INTEGER NOT NULL,
  bucket_8 INTEGER NOT NULL,
  bucket_9 INTEGER NOT NULL,
  PRIMARY KEY (family, function, route, method, outcome)
) WITHOUT ROWID;

-- The same by minute, for two days: what alerts look at.
CREATE TABLE IF NOT EXISTS metric_minutes (
  minute INTEGER NOT NULL,           -- its beginning
  function TEXT NOT NULL,
  count INTEGER NOT NULL,
  faults INTEGER NOT NULL,           -- those that were our fault: 5xx
  bucket_0 INTEGER NOT NULL,
  bucket_1 INTEGER NOT NULL,
  bucket_2 INTEGER NOT NULL,
  bucket_3 INTEGER NOT NULL,
  bucket_4 INTEGER NOT NULL,
  bucket_5 INTEGER NOT NULL,
  bucket_6 INTEGER NOT NULL,
  bucket_7 INTEGER NOT NULL,
  bucket_8 INTEGER NOT NULL,
  bucket_9 INTEGER NOT NULL,
  PRIMARY KEY (minute, function)
) WITHOUT ROWID;

-- What one tick of all does once a minute, whichever function's it is.
CREATE TABLE IF NOT EXISTS duties (
  name TEXT NOT NULL PRIMARY KEY,
  next_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT OR IGNORE INTO duties (name, next_at) VALUES ('watch', 0);

CREATE TABLE IF NOT EXISTS alerts (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,                  -- the name in the site's files
  rule TEXT NOT NULL,                -- JSON, as checked
  raised_at INTEGER,                 -- since when it is raised, and everybody told
  calm INTEGER NOT NULL DEFAULT 0,   -- looks in a row that found nothing to raise it for
  revision INTEGER NOT NULL DEFAULT 0,       -- of two who look at a time one writes
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;

-- Breaches of the last hour, without reading what else happened.
CREATE INDEX IF NOT EXISTS ticket_alarms ON ticket_events (created_at) WHERE kind = 'alarm';
