-- Up Migration
-- `attempts` counts the claims of an upload and never goes down: an importer writes only while it is its own. `uncounted` of
-- them say nothing against the upload; in `broken_readings` of them the process that read the file ended.
ALTER TABLE library_imports
  ADD COLUMN uncounted int NOT NULL DEFAULT 0,
  ADD COLUMN broken_readings int NOT NULL DEFAULT 0;
