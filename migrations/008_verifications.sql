-- Up Migration
-- Each run of `heima projections verify`: what it looked at, and in how many rows the build was not as the log says.
CREATE TABLE projections.verifications (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  read_model text NOT NULL,
  build text NOT NULL,
  -- all, sample or keys
  scope text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  keys int8 NOT NULL,
  rows int8 NOT NULL,
  events int8 NOT NULL,
  differences int8 NOT NULL
);
CREATE INDEX ON projections.verifications (build, scope, number);
