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

-- Copies of events that analysts ask for over HTTP, and who asked for what: a row stays as an audit when its files are gone.
CREATE TABLE replays (
  replay_id uuid PRIMARY KEY,
  analyst text NOT NULL,
  -- What was asked for, as JSON of the request.
  request jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'expired')),
  -- How often a process began it: one that kills processes is given up.
  starts int NOT NULL DEFAULT 0,
  -- How far it is: events, and positions of the log.
  events int8 NOT NULL DEFAULT 0,
  after_position int8,
  position int8,
  up_to_position int8,
  bytes int8,
  -- Of the copy in replay_exports.
  export_id uuid,
  error text,
  downloads int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  -- When the files go.
  expires_at timestamptz,
  -- Whether the files are gone, or there never were any.
  cleared boolean NOT NULL DEFAULT false
);
CREATE INDEX ON replays (analyst, created_at, replay_id);
CREATE INDEX ON replays (state) WHERE NOT cleared;
