-- Up Migration
-- How many builds in a row had to be replaced by another before this one, each within an hour of its beginning: the more, the later
-- this one begins. 0 for a build that replaces none.
ALTER TABLE projections.builds ADD COLUMN replacements int NOT NULL DEFAULT 0;
