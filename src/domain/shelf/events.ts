import { z } from "zod";
import type { EventDefinitions, EventOf } from "../event.ts";
import { bookId } from "../ids.ts";

/** What can happen to a shelf (`shelf-<readerId>`); one event a book. */
export const shelfEvents = {
  BookAddedToShelf: { version: 1, schema: z.strictObject({ bookId }) },
  BookRemovedFromShelf: { version: 1, schema: z.strictObject({ bookId }) },
} as const satisfies EventDefinitions;

export type ShelfEvent = EventOf<typeof shelfEvents>;
