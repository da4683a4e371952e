-- Up Migration
-- The skipped events that a build left out, written with what came of leaving them out: a build that passed a skipped event and
-- neither left it out nor parks it has folded it, and may not go live.
CREATE TABLE projections.left_out (
  build text NOT NULL,
  event_id text NOT NULL,
  PRIMARY KEY (build, event_id)
);
