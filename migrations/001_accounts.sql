-- Up Migration
-- Who logs in. An openid stands here and nowhere else: events, logs and read models know the reader id alone.
CREATE TABLE accounts (
  reader_id uuid PRIMARY KEY,
  openid text NOT NULL UNIQUE,
  registered_at timestamptz NOT NULL,
  roles text[] NOT NULL DEFAULT '{reader}',
  erased_at timestamptz
);
