-- Up Migration
-- Which book a file became: the same file again is the same book, also when its title is read better by then.
CREATE TABLE library_files (
  sha256 text PRIMARY KEY,
  book_id text NOT NULL,
  imported_at timestamptz NOT NULL DEFAULT now()
);

-- An upload that an operator must decide on keeps its bytes for seven days; `kept` and `read` count its text.
ALTER TABLE library_imports
  ADD COLUMN warnings jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN kept bigint,
  ADD COLUMN read bigint,
  ADD COLUMN decide_until timestamptz,
  DROP CONSTRAINT library_imports_state_check,
  ADD CONSTRAINT library_imports_state_check
    CHECK (state IN ('waiting', 'running', 'needs_decision', 'done', 'failed', 'rejected'));
CREATE INDEX ON library_imports (decide_until) WHERE state = 'needs_decision';
