-- Up Migration
-- What WeChat told of a reader. Here and nowhere else: the event log names a profile by its id only.
CREATE TABLE profiles (
  reader_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
  profile_id uuid NOT NULL,
  nickname text NOT NULL,
  avatar_url text,
  gender text CHECK (gender IN ('male', 'female')),
  -- WeChat's clock, when it gave the profile out; an older profile does not replace a newer one.
  watermark_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
