import { idOf } from "../domain/streams.ts";
import type { EventStore } from "../event-store/types.ts";
import { type LogRange, type ReplayedEvent, readEvents } from "./events.ts";

/** The attributes of a book in the library at one time. */
export type BookAttributes = {
  readonly title: string;
  readonly author: string;
  readonly channel: string;
  readonly category: string;
  readonly subCategory: string | null;
  readonly status: string;
  /** Of the edition that readers see. */
  readonly chapters: number;
};

/** Books by id, as of the last event that was folded. */
export type Books = ReadonlyMap<string, BookAttributes>;

/** The library's books as its events tell them: one small record a book. */
export function createBooks() {
  const books = new Map<string, BookAttributes>();
  return {
    books: books as Books,
    /** Other events change nothing. */
    fold(event: ReplayedEvent): void {
      if (event.type === "BookCatalogued") {
        const id = idOf(event.stream);
        const { title, author, channel, category, subCategory, status } = event.data;
        const chapters = books.get(id)?.chapters ?? 0;
        books.set(id, { title, author, channel, category, subCategory, status, chapters });
      } else if (event.type === "BookPublished") {
        const id = idOf(event.stream);
        const known = books.get(id);
        if (known !== undefined) books.set(id, { ...known, chapters: event.data.totals.chapters });
      }
    },
  };
}

/** The books as of `upTo`, which is included; none before the log begins. An abort of `signal` ends it early without an error, as `readAll`. */
export async function booksAsOf(
  eventStore: Pick<EventStore, "readAll">,
  upTo: LogRange["after"],
  signal: AbortSignal,
): Promise<ReturnType<typeof createBooks>> {
  const books = createBooks();
  if (upTo === undefined) return books;
  for await (const event of readEvents(eventStore, {
    categories: ["book"],
    detail: "essential",
    after: undefined,
    upTo,
    signal,
  }))
    books.fold(event);
  return books;
}
