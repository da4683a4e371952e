-- Up Migration
-- One row a parked key, kept with its events in one transaction: who looks at what is parked reads as many rows as there are
-- keys, however many events wait.
CREATE TABLE projections.parked_keys (
  build text NOT NULL,
  -- Of the key's first parked event.
  position int8 NOT NULL,
  partition int NOT NULL,
  key text NOT NULL,
  event_id text NOT NULL,
  events int8 NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (build, position, partition)
);
INSERT INTO projections.parked_keys (build, position, partition, key, event_id, events, since)
SELECT build, min(position), partition, key, (array_agg(event_id ORDER BY position))[1], count(*), min(parked_at)
FROM projections.parked GROUP BY build, partition, key;

-- The key as a hash: a stream's name may be longer than an index entry.
CREATE INDEX parked_of_key ON projections.parked (build, partition, hashtextextended(key, 0), position);

-- Counts the changes of what is parked in a partition but for events that join a parked key.
DO $$
DECLARE
  build record;
BEGIN
  FOR build IN SELECT format('%s_v%s_b%s', read_model, version, number) AS name FROM projections.builds LOOP
    IF to_regclass(format('%I.checkpoints', build.name)) IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %I.checkpoints ADD COLUMN parked_version int8 NOT NULL DEFAULT 0', build.name);
    END IF;
  END LOOP;
END $$;

-- Starts of a fill that did not end and wrote nothing: so many processes may have died of what comes next in the log. Those
-- that began at `fill_from`, the position of the checkpoint, are counted apart.
ALTER TABLE projections.builds
  ADD COLUMN fill_starts int NOT NULL DEFAULT 0,
  ADD COLUMN fill_starts_here int NOT NULL DEFAULT 0,
  ADD COLUMN fill_from int8;

-- Release 0.1.0 stopped at an event that is refused; it is parked now.
DELETE FROM projections.failures WHERE kind = 'event_refused';
