-- Up Migration
-- The heat of each book that has any, in thousandths of a point, as of its last refresh (src/projections/refreshed/heatScores.ts).
CREATE TABLE heat_scores (
  book_id text PRIMARY KEY,
  heat int8 NOT NULL
);
CREATE INDEX ON heat_scores (heat DESC, book_id DESC);
