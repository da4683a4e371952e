-- Up Migration
-- Where the rows of a build are kept: whoever drops one may not know its declaration.
ALTER TABLE projections.builds ADD COLUMN store text NOT NULL DEFAULT 'postgres'
  CONSTRAINT builds_store CHECK (store IN ('postgres', 'elasticsearch'));

-- Set before a retry writes the first row into a store without transactions, and gone with the parked events: until then readers may
-- see what the key is parked for.
ALTER TABLE projections.parked_keys ADD COLUMN retry_begun boolean NOT NULL DEFAULT false;
