-- Up Migration
-- Folded states of long streams, so that a process need not read them from their beginning. Any row may go at any time, and after
-- a crash all do: the table is not logged.
CREATE UNLOGGED TABLE stream_snapshots (
  stream text PRIMARY KEY,
  -- Of the form of `body`: rows of another one are not read.
  state_version text NOT NULL,
  -- Of the last event that was folded, and its id: read again before the row is believed.
  revision int8 NOT NULL,
  event_id text NOT NULL,
  -- JSON: the state, the remembered commands, and what an answer says of the last event.
  body text NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now()
);
