-- Up Migration
-- Of an erased reader in a copy it is kept that, not when: the log has the times of erasures with the readers' ids, so a time would lead
-- from a pseudonym to its reader.
UPDATE replay_export_readers SET erased_at = 'epoch' WHERE erased_at IS NOT NULL;
COMMENT ON COLUMN replay_export_readers.erased_at IS 'Null: not erased; else a constant, not when.';

-- Copies with pseudonyms kept the ids of the readers whom they were asked for; those with identities keep the ids of readers who are not
-- erased.
UPDATE replay_exports e SET filters = jsonb_set(filters, '{readers}', (
    SELECT jsonb_agg(CASE
        WHEN asked.reader !~ '^[0-9a-f]{8}-' THEN asked.reader
        WHEN e.identities_reason IS NULL
          THEN coalesce((SELECT pseudonym FROM replay_pseudonyms p WHERE p.reader_id = asked.reader), 'unknown')
        WHEN EXISTS (SELECT FROM replay_export_readers r
          WHERE r.export_id = e.export_id AND r.reader = asked.reader AND r.erased_at IS NOT NULL) THEN 'erased'
        ELSE asked.reader END ORDER BY n)
    FROM jsonb_array_elements_text(e.filters->'readers') WITH ORDINALITY AS asked (reader, n)))
  WHERE jsonb_array_length(filters->'readers') > 0;
