-- Up Migration
-- Uploads of books, from when they were accepted: a worker that dies leaves its lease to expire, and another goes on. The bytes
-- go when the import ends; the rest tells for good what became of it.
CREATE TABLE library_imports (
  id uuid PRIMARY KEY,
  requested_by text NOT NULL,
  request_hash text NOT NULL,
  file_name text NOT NULL,
  options jsonb NOT NULL,
  body bytea,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  steps_done int NOT NULL DEFAULT 0,
  steps int NOT NULL DEFAULT 0,
  books int NOT NULL DEFAULT 0,
  written int NOT NULL DEFAULT 0,
  first_books jsonb NOT NULL DEFAULT '[]',
  error text,
  attempts int NOT NULL DEFAULT 0,
  lease_until timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE INDEX ON library_imports (created_at) WHERE state IN ('waiting', 'running');
