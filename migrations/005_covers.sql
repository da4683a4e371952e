-- Up Migration
-- Cover pictures by the SHA-256 (hex) of their bytes. Events carry the hash only.
CREATE TABLE covers (
  sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  content_type text NOT NULL,
  bytes bytea NOT NULL
);
