// Version 1 of the tables. Every table is STRICT, and one with row numbers, also where names are its key: what is left
// of a broken file is read by number (salvage.cc). Times are milliseconds since 1970; names of blobs are empty where
// there is none.
//
// May include: base, model.
#include "engine/store/migrations.h"

namespace gridlock::store {

const char* const kMigration1 = R"sql(
CREATE TABLE build (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  version TEXT NOT NULL,
  first_seen INTEGER NOT NULL
) STRICT;

CREATE TABLE target_variant (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  variant TEXT NOT NULL,
  summary TEXT NOT NULL,
  expect TEXT NOT NULL,
  UNIQUE (target, variant)
) STRICT;

CREATE TABLE campaign (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  variant TEXT NOT NULL,
  engine TEXT NOT NULL,
  sanitizer TEXT NOT NULL,
  weight REAL NOT NULL DEFAULT 1,
  runs INTEGER NOT NULL DEFAULT 0,
  points INTEGER NOT NULL DEFAULT 0,
  cpu_seconds REAL NOT NULL DEFAULT 0,
  features INTEGER NOT NULL DEFAULT 0,
  last_run INTEGER NOT NULL DEFAULT 0,
  last_new_feature INTEGER NOT NULL DEFAULT 0,
  restarts INTEGER NOT NULL DEFAULT 0,
  UNIQUE (target, variant, engine, sanitizer)
) STRICT;

CREATE TABLE stint (
  id INTEGER PRIMARY KEY,
  campaign INTEGER NOT NULL REFERENCES campaign (id),
  build INTEGER NOT NULL REFERENCES build (id),
  begin_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL DEFAULT 0,
  runs INTEGER NOT NULL DEFAULT 0,
  points INTEGER NOT NULL DEFAULT 0,
  cpu_seconds REAL NOT NULL DEFAULT 0,
  end_reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX stint_by_campaign ON stint (campaign, id);
CREATE INDEX stint_that_runs ON stint (id) WHERE end_reason = '';

CREATE TABLE feature_sample (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  minute INTEGER NOT NULL,
  time INTEGER NOT NULL,
  features INTEGER NOT NULL,
  runs INTEGER NOT NULL,
  UNIQUE (target, minute)
) STRICT;

CREATE TABLE finding (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  target TEXT NOT NULL,
  variant TEXT NOT NULL,
  signature TEXT NOT NULL,
  verdict TEXT NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'new',
  duplicate_of TEXT NOT NULL DEFAULT '',
  regression TEXT NOT NULL DEFAULT 'untested',
  is_canary INTEGER NOT NULL,
  first_build INTEGER NOT NULL REFERENCES build (id),
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  sightings INTEGER NOT NULL DEFAULT 0,
  triaged INTEGER NOT NULL DEFAULT 0,
  tested_build INTEGER NOT NULL DEFAULT 0, -- of its last test; 0: none
  cpus INTEGER NOT NULL DEFAULT 0,
  preemptions INTEGER NOT NULL DEFAULT 0,
  interrupts INTEGER NOT NULL DEFAULT 0,
  migrations INTEGER NOT NULL DEFAULT 0,
  decisions INTEGER NOT NULL DEFAULT 0,
  decisions_as_found INTEGER NOT NULL DEFAULT 0,
  minimize_seconds REAL NOT NULL DEFAULT 0,
  minimize_runs INTEGER NOT NULL DEFAULT 0,
  reproduced INTEGER NOT NULL DEFAULT 0,
  replays INTEGER NOT NULL DEFAULT 0,
  repro TEXT NOT NULL DEFAULT '',
  input TEXT NOT NULL DEFAULT '',
  explanation TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  perfetto TEXT NOT NULL DEFAULT '',
  test TEXT NOT NULL DEFAULT ''
) STRICT;
-- One an order of FindingQuery. They hold what it filters by, so that a walk to a far page touches no row.
CREATE INDEX finding_by_last_seen ON finding (last_seen, id, is_canary, target, variant, verdict, state, regression);
CREATE INDEX finding_by_first_seen ON finding (first_seen, id, is_canary, target, variant, verdict, state, regression);
CREATE INDEX finding_by_sightings ON finding (sightings, id, is_canary, target, variant, verdict, state, regression);
CREATE INDEX finding_by_target ON finding (target, id, is_canary, variant, verdict, state, regression);
CREATE INDEX finding_by_verdict ON finding (verdict, id, is_canary, target, variant, state, regression);
CREATE INDEX finding_by_decisions ON finding (decisions, id, is_canary, target, variant, verdict, state, regression);
CREATE INDEX finding_by_kind ON finding (target, variant, verdict, state, regression, is_canary);
CREATE INDEX finding_not_triaged ON finding (id) WHERE triaged = 0;
CREATE INDEX finding_by_test ON finding (tested_build, id) WHERE repro <> '';

-- How many findings of each kind there are, so that no page counts them.
CREATE TABLE finding_count (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  variant TEXT NOT NULL,
  verdict TEXT NOT NULL,
  state TEXT NOT NULL,
  regression TEXT NOT NULL,
  is_canary INTEGER NOT NULL,
  count INTEGER NOT NULL,
  UNIQUE (target, variant, verdict, state, regression, is_canary)
) STRICT;
CREATE TRIGGER finding_is_counted AFTER INSERT ON finding BEGIN
  INSERT INTO finding_count (target, variant, verdict, state, regression, is_canary, count)
    VALUES (new.target, new.variant, new.verdict, new.state, new.regression, new.is_canary, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER finding_is_counted_anew
  AFTER UPDATE OF target, variant, verdict, state, regression, is_canary ON finding BEGIN
  UPDATE finding_count SET count = count - 1
    WHERE target = old.target AND variant = old.variant AND verdict = old.verdict AND state = old.state
      AND regression = old.regression AND is_canary = old.is_canary;
  INSERT INTO finding_count (target, variant, verdict, state, regression, is_canary, count)
    VALUES (new.target, new.variant, new.verdict, new.state, new.regression, new.is_canary, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;

-- Any three characters of title and signature, for the search by text.
CREATE VIRTUAL TABLE finding_text USING fts5 (
  title, signature, content = 'finding', content_rowid = 'id', tokenize = 'trigram'
);
CREATE TRIGGER finding_is_searched AFTER INSERT ON finding BEGIN
  INSERT INTO finding_text (rowid, title, signature) VALUES (new.id, new.title, new.signature);
END;
CREATE TRIGGER finding_is_searched_anew AFTER UPDATE OF title, signature ON finding
  WHEN old.title <> new.title OR old.signature <> new.signature BEGIN
  INSERT INTO finding_text (finding_text, rowid, title, signature)
    VALUES ('delete', old.id, old.title, old.signature);
  INSERT INTO finding_text (rowid, title, signature) VALUES (new.id, new.title, new.signature);
END;

-- One row a time that a child reported a bug: the record behind finding.sightings and sighting_count, which pages read.
CREATE TABLE sighting (
  id INTEGER PRIMARY KEY,
  finding INTEGER NOT NULL REFERENCES finding (id),
  campaign INTEGER NOT NULL REFERENCES campaign (id),
  stint INTEGER NOT NULL REFERENCES stint (id),
  build INTEGER NOT NULL REFERENCES build (id),
  time INTEGER NOT NULL,
  runs_to_find INTEGER NOT NULL,
  seconds_to_find REAL NOT NULL,
  input TEXT,
  origin INTEGER -- the first 64 bits of its SHA-256: ten million of them are alike by chance once in 300,000 stores
) STRICT;
CREATE UNIQUE INDEX sighting_by_origin ON sighting (origin) WHERE origin IS NOT NULL;

CREATE TABLE sighting_count (
  id INTEGER PRIMARY KEY,
  finding INTEGER NOT NULL REFERENCES finding (id),
  build INTEGER NOT NULL REFERENCES build (id),
  variant TEXT NOT NULL,
  engine TEXT NOT NULL,
  sanitizer TEXT NOT NULL,
  count INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  UNIQUE (finding, build, variant, engine, sanitizer)
) STRICT;

CREATE TABLE note (
  id INTEGER PRIMARY KEY,
  finding INTEGER NOT NULL REFERENCES finding (id),
  time INTEGER NOT NULL,
  author TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX note_by_finding ON note (finding, id);

CREATE TABLE repro_test (
  id INTEGER PRIMARY KEY,
  finding INTEGER NOT NULL REFERENCES finding (id),
  build INTEGER NOT NULL REFERENCES build (id),
  variant TEXT NOT NULL,
  sanitizer TEXT NOT NULL,
  verdict TEXT NOT NULL,
  signature TEXT NOT NULL,
  same INTEGER NOT NULL,
  replays INTEGER NOT NULL,
  time INTEGER NOT NULL,
  sanitizer_report TEXT NOT NULL
) STRICT;
CREATE INDEX repro_test_by_finding ON repro_test (finding, id);

CREATE TABLE corpus_entry (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  name TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  origin TEXT NOT NULL,
  added INTEGER NOT NULL,
  UNIQUE (target, name)
) STRICT;
CREATE INDEX corpus_entry_by_age ON corpus_entry (target, added, name);

CREATE TABLE corpus_summary (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL UNIQUE,
  entries INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  newest INTEGER NOT NULL
) STRICT;

CREATE TABLE metric_total (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  labels TEXT NOT NULL,
  value REAL NOT NULL,
  UNIQUE (name, labels)
) STRICT;
)sql";

}  // namespace gridlock::store
