-- Up Migration
-- The bytes of uploads, in parts as they come in. A body without an upload that names it is one that broke off.
CREATE TABLE library_import_parts (
  body_id uuid NOT NULL,
  no int NOT NULL,
  bytes bytea NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (body_id, no)
);
-- Beside the row and not compressed: written and read once, whole.
ALTER TABLE library_import_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;

ALTER TABLE library_imports ADD COLUMN body_id uuid, ADD COLUMN body_size bigint;
INSERT INTO library_import_parts (body_id, no, bytes) SELECT id, 0, body FROM library_imports WHERE body IS NOT NULL;
UPDATE library_imports SET body_id = id, body_size = octet_length(body) WHERE body IS NOT NULL;
ALTER TABLE library_imports DROP COLUMN body;
CREATE INDEX library_imports_body_id ON library_imports (body_id) WHERE body_id IS NOT NULL;
