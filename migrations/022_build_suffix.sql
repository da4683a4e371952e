-- Up Migration
-- Names of builds are unlike those of any other database: Redis and Elasticsearch may keep what another one, or this one before a restore,
-- called by the same read model, version and number. Builds that exist, and those that an earlier release adds, have no suffix.
ALTER TABLE projections.builds ADD COLUMN suffix text NOT NULL DEFAULT '' CHECK (suffix ~ '^(_[0-9a-f]{6})?$');
CREATE FUNCTION projections.new_build_suffix() RETURNS text LANGUAGE sql VOLATILE
  AS $$ SELECT '_' || left(gen_random_uuid()::text, 6) $$;
