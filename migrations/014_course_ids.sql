-- Up Migration
-- What `heima course import` keeps, so that the integer ids of the course go on working and a repeat writes nothing twice.
CREATE TABLE course_books (
  course_id bigint PRIMARY KEY,
  book_id text NOT NULL UNIQUE
);

-- A chapter's integer is unique within its book. length: UTF-16 units of the text that was imported.
CREATE TABLE course_chapters (
  book_id text NOT NULL,
  course_id bigint NOT NULL,
  chapter_id text NOT NULL,
  length integer NOT NULL,
  PRIMARY KEY (book_id, course_id)
);

-- reader_id is null once the account is gone: such a user is not imported again.
CREATE TABLE course_users (
  course_id bigint PRIMARY KEY,
  reader_id uuid REFERENCES accounts ON DELETE SET NULL
);
CREATE INDEX ON course_users (reader_id);

-- Rows of the course's tables that were imported, or whose import changed nothing.
CREATE TABLE course_rows (
  table_name text NOT NULL,
  course_id bigint NOT NULL,
  PRIMARY KEY (table_name, course_id)
);
