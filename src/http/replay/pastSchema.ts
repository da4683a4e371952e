import { z } from "zod";
import { readerId } from "../../domain/ids.ts";
import type { Past } from "../../replay/asOf/past.ts";
import { preferencesAnswer, settingsAnswer } from "../preferences/queries.ts";

const title = z
  .string()
  .nullable()
  .meta({ description: "The current title; null if the library does not know the book." });

/** A reader's state at a past time. */
export const pastAnswer = z
  .strictObject({
    readerId,
    asOf: z.iso.datetime(),
    since: z.iso.datetime().meta({ description: "When the reader's first event was recorded." }),
    shelf: z.strictObject({
      books: z.array(
        z.strictObject({
          bookId: z.string(),
          title,
          addedAt: z.iso.datetime(),
          pinned: z.boolean(),
          groupId: z.string().nullable(),
        }),
      ),
      groups: z.array(z.strictObject({ groupId: z.string(), name: z.string() })),
    }),
    places: z.array(
      z.strictObject({
        bookId: z.string(),
        title,
        chapterId: z.string(),
        chapterNo: z.int(),
        offset: z.int(),
        deviceId: z.string(),
        readAt: z.iso.datetime(),
      }),
    ),
    preferences: preferencesAnswer,
    settings: settingsAnswer,
  })
  .meta({ id: "ReaderPast", description: "Shelf in the manual order, places with the most recently read first." });

/** A past state with the titles of its books. */
export function shownPast(past: Past, titles: ReadonlyMap<string, string>): z.input<typeof pastAnswer> {
  const titled = <Item extends { readonly bookId: string }>(item: Item) => ({
    ...item,
    title: titles.get(item.bookId) ?? null,
  });
  return {
    ...past,
    shelf: { books: past.shelf.books.map(titled), groups: [...past.shelf.groups] },
    places: past.places.map(titled),
    preferences: { ...past.preferences, categoryIds: [...past.preferences.categoryIds] },
    settings: { ...past.settings },
  };
}

/** The distinct ids of the books in a past state. */
export function booksOf({ shelf, places }: Past): readonly string[] {
  return [...new Set([...shelf.books, ...places].map(({ bookId }) => bookId))];
}
