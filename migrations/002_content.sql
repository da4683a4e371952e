-- Up Migration
-- Chapter texts by the SHA-256 (hex) of their UTF-8; length in UTF-16 units, as everywhere. Events carry the hash only.
CREATE TABLE content (
  sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  text text NOT NULL,
  length integer NOT NULL CHECK (length >= 0)
);
