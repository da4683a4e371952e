-- Up Migration
-- One family a login: all refresh tokens that came of it by rotation. Revoked together; gone when the last one has expired.
CREATE TABLE refresh_families (
  family_id uuid PRIMARY KEY,
  reader_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX ON refresh_families (reader_id);
CREATE INDEX ON refresh_families (expires_at);

-- Tokens by the SHA-256 of their text. superseded_at: when a token of the same age was first used; null for those to use next.
CREATE TABLE refresh_tokens (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  family_id uuid NOT NULL REFERENCES refresh_families ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  superseded_at timestamptz
);
CREATE INDEX ON refresh_tokens (family_id);
