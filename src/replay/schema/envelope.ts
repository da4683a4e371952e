import type { ColumnType } from "./fields.ts";

/** A column that any event has, whatever its data. `description` is for docs/events.md. */
export type Envelope = { readonly name: string; readonly type: ColumnType; readonly description: string };

const column = (name: string, type: ColumnType, description: string): Envelope => ({ name, type, description });

/** Of the book's attributes the state is that of the event: what the library said of the book when the event was recorded. */
export const envelope: readonly Envelope[] = [
  column("position", "BIGINT", "The place in the log. Unique; it grows with time."),
  column("type", "VARCHAR", "The type of the event."),
  column("version", "BIGINT", "The version of the type that the row is made of; older events are upcast to it."),
  column("stream_category", "VARCHAR", "The kind of stream: `shelf`, `progress`, …"),
  column("revision", "BIGINT", "The place in the stream, from 0 on."),
  column("stream_id", "VARCHAR", "The stream's id, if it is no reader's."),
  column("event_id", "VARCHAR", "The event's UUID. Only with `--identities`."),
  column("created", "TIMESTAMP", "When the store recorded the event. UTC."),
  column("created_day", "DATE", "The day of `created` in China: the partition."),
  column(
    "happened_at",
    "TIMESTAMP",
    "When it happened: `readAt` of what was read, `searchedAt` of a search, otherwise `created`. UTC.",
  ),
  column("happened_day", "DATE", "The day of `happened_at` in China."),
  column("late_seconds", "BIGINT", "Seconds from `happened_at` to `created`; negative if a device's clock is ahead."),
  column(
    "late",
    "BOOLEAN",
    "It arrived on a later day than it happened: what was counted for that day before lacks it.",
  ),
  column("reader", "VARCHAR", "The reader's pseudonym, or id with `--identities`; null for events of no reader."),
  column("corrected", "BOOLEAN", "An operator did it for the reader."),
  column("book_id", "VARCHAR", "The book; null for events of no single book."),
  column("book_title", "VARCHAR", "Its title, as of the event."),
  column("book_author", "VARCHAR", "Its author, as of the event."),
  column("book_channel", "VARCHAR", "`male`, `female` or `published`, as of the event."),
  column("book_category", "VARCHAR", "Its category, as of the event."),
  column("book_sub_category", "VARCHAR", "Its sub-category, if it has one, as of the event."),
  column("book_status", "VARCHAR", "`serialising` or `finished`, as of the event."),
  column("book_chapters", "BIGINT", "The chapters of the edition that readers saw, as of the event."),
];
