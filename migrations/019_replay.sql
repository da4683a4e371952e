-- Up Migration
-- Where days begin in the log (days of China): the position of the last event before. Found again when it is deleted.
CREATE TABLE replay_days (
  day date PRIMARY KEY,
  before_position bigint NOT NULL
);

-- What readers are called in exports. A pseudonym is made with the key that is current then, and stays when the key is exchanged, so
-- that old exports and new ones can be joined. An erasure deletes the row.
CREATE TABLE replay_pseudonyms (
  reader_id text PRIMARY KEY,
  pseudonym text NOT NULL UNIQUE,
  -- The key of the reader's devices, by which they are named.
  device_key bytea NOT NULL,
  -- The kid of the key that both were made with.
  kid text NOT NULL
);

-- Copies of events: who made which, and where they were written.
CREATE TABLE replay_exports (
  export_id uuid PRIMARY KEY,
  requested_by text NOT NULL,
  -- Why readers are named; null where they have pseudonyms.
  identities_reason text,
  place text NOT NULL,
  format text NOT NULL,
  after_position bigint,
  up_to_position bigint NOT NULL,
  -- What was asked for: types, books, readers.
  filters jsonb NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  events bigint
);

-- Who is in which copy, by what they are called there. Of an erased reader it says when, so that the copy can be cleaned.
CREATE TABLE replay_export_readers (
  export_id uuid NOT NULL REFERENCES replay_exports ON DELETE CASCADE,
  reader text NOT NULL,
  erased_at timestamptz,
  PRIMARY KEY (export_id, reader)
);
CREATE INDEX replay_export_readers_reader ON replay_export_readers (reader);
