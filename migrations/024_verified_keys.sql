-- Up Migration
-- A SHA-256 of the keys that a run over some keys compared, so that a later run tells whether it covers the same ones. Not the keys
-- themselves: they are ids of readers. Null for other scopes and for runs from before this migration.
ALTER TABLE projections.verifications ADD COLUMN keys_hash text;
