-- Up Migration
-- What the engine of projections knows of its builds; their rows and checkpoints lie in a schema of each build's own.
-- A database of release 0.1.0 made these tables by itself and under other names: they go on in place.
CREATE SCHEMA IF NOT EXISTS projections;

DO $$
DECLARE
  build record;
BEGIN
  IF to_regclass('projections.builds') IS NULL THEN RETURN; END IF;
  ALTER TABLE projections.builds RENAME COLUMN lanes TO partitions;
  ALTER TABLE projections.builds ADD COLUMN state text, ADD COLUMN filled boolean NOT NULL DEFAULT true;
  UPDATE projections.builds SET state = CASE WHEN live THEN 'live' ELSE 'retired' END;
  ALTER TABLE projections.builds DROP COLUMN live;
  ALTER TABLE projections.troubles RENAME TO failures;
  ALTER TABLE projections.failures RENAME COLUMN lane TO partition;
  FOR build IN SELECT format('%s_v%s_b%s', read_model, version, number) AS name FROM projections.builds LOOP
    IF to_regclass(format('%I.checkpoints', build.name)) IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %I.checkpoints RENAME COLUMN lane TO partition', build.name);
      EXECUTE format('ALTER TABLE %I.checkpoints ADD COLUMN parked_keys int NOT NULL DEFAULT 0', build.name);
    END IF;
  END LOOP;
END $$;

CREATE TABLE IF NOT EXISTS projections.builds (
  read_model text NOT NULL,
  version int NOT NULL,
  number int NOT NULL,
  partitions int NOT NULL,
  -- A hash of partition key, categories and tables: a build serves no other declaration.
  shape text NOT NULL,
  state text,
  filled boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (read_model, number)
);
ALTER TABLE projections.builds
  ALTER COLUMN state SET NOT NULL,
  ALTER COLUMN filled SET DEFAULT false,
  ADD CONSTRAINT builds_state CHECK (state IN ('building', 'live', 'retired', 'failed')),
  ADD COLUMN paused boolean NOT NULL DEFAULT false,
  ADD COLUMN reason text,
  ADD COLUMN ended_at timestamptz,
  -- The row stays when all else of a build is gone: numbers, and so names of queues, are never used again.
  ADD COLUMN dropped boolean NOT NULL DEFAULT false,
  -- How far the fold from the log's beginning has come: position, events, the log's last event then, and when that was.
  ADD COLUMN fill_position int8,
  ADD COLUMN fill_events int8,
  ADD COLUMN fill_head int8,
  ADD COLUMN fill_at timestamptz;
CREATE UNIQUE INDEX builds_one_live ON projections.builds (read_model, version) WHERE state = 'live';

CREATE TABLE IF NOT EXISTS projections.failures (
  build text NOT NULL,
  partition int NOT NULL,
  kind text NOT NULL,
  position int8 NOT NULL,
  event_id text NOT NULL,
  detail text NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (build, partition, kind)
);

-- Poison events and the later ones of their keys, in the order of their positions. The event is JSON in a text: jsonb takes
-- no NUL, and such an event may be here because of one.
CREATE TABLE projections.parked (
  build text NOT NULL,
  partition int NOT NULL,
  position int8 NOT NULL,
  key text NOT NULL,
  event_id text NOT NULL,
  event text NOT NULL,
  error text,
  parked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (build, partition, position)
);

-- Who may do what only one process should do: another takes a lease over when it has run out.
CREATE TABLE projections.leases (
  name text PRIMARY KEY,
  holder text NOT NULL,
  until timestamptz NOT NULL
);
