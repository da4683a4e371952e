-- Up Migration
-- An erased account is marked: the openid goes at once, the row itself when no token of it can be valid any more.
ALTER TABLE accounts
  ALTER COLUMN openid DROP NOT NULL,
  -- When the last of the reader's streams was deleted.
  ADD COLUMN forgotten_at timestamptz;
CREATE INDEX accounts_erased ON accounts (erased_at) WHERE erased_at IS NOT NULL;

-- What a list of logins shows.
ALTER TABLE refresh_families
  ADD COLUMN user_agent text,
  ADD COLUMN used_at timestamptz NOT NULL DEFAULT now();
UPDATE refresh_families SET used_at = created_at;

CREATE INDEX library_imports_requested_by ON library_imports (requested_by);
