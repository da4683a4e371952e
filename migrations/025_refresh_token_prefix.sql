-- Up Migration
-- All refresh tokens of a login begin with its token_prefix, so that a token whose row was deleted still names its login.
ALTER TABLE refresh_families
  ADD COLUMN token_prefix bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()) UNIQUE CHECK (length(token_prefix) = 16);

-- False for tokens of an earlier release: their rows stay until they expire.
ALTER TABLE refresh_tokens ADD COLUMN has_prefix boolean NOT NULL DEFAULT false;

-- What a refresh looks for in its family, however many tokens that has: those to end, those that expired, and those to delete.
CREATE INDEX refresh_tokens_current ON refresh_tokens (family_id) WHERE superseded_at IS NULL;
CREATE INDEX refresh_tokens_expiring ON refresh_tokens (family_id, expires_at);
CREATE INDEX refresh_tokens_superseded ON refresh_tokens (family_id, superseded_at) WHERE has_prefix AND superseded_at IS NOT NULL;
DROP INDEX refresh_tokens_family_id_idx;
