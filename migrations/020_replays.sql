-- Up Migration
-- Read models that are not deployed, built from the log into a schema of their own to be looked at. They have rows of readers: a
-- purge of erased readers drops them.
CREATE TABLE projections.trials (
  schema_name text PRIMARY KEY,
  read_model text NOT NULL,
  version int NOT NULL,
  -- Of the file that declares the read model: another one needs another schema.
  digest text NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  -- When the build last came to the end of the log; null until it has.
  filled_at timestamptz
);

-- Exports that analysts ask for over HTTP, and who asked for what: the rows stay as an audit when the files are gone.
CREATE TABLE replays (
  replay_id uuid PRIMARY KEY,
  analyst text NOT NULL,
  -- What was asked for: types, books, readers, as JSON of the request.
  request jsonb NOT NULL,
  format text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'expired')),
  -- Events written so far, the position reached and that of the range's end.
  events int8 NOT NULL DEFAULT 0,
  position int8,
  up_to_position int8,
  bytes int8,
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  -- When the files go.
  expires_at timestamptz,
  downloads int NOT NULL DEFAULT 0
);
CREATE INDEX ON replays (analyst, created_at DESC);
CREATE INDEX ON replays (created_at DESC, replay_id);
