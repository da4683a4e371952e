import { z } from "zod";
import type { EventDefinitions, EventOf } from "../event.ts";
import { bookId } from "../ids.ts";

/** The most books that are featured in one channel. */
export const maxFeatured = 50;

/** Which books operators feature in a channel (`featured-<channel>`); one event a book. */
export const featuredEvents = {
  /** The book is featured at this place, counted from 1. */
  BookFeatured: {
    version: 1,
    schema: z.strictObject({ bookId, place: z.int().positive().max(maxFeatured) }),
  },
  BookUnfeatured: { version: 1, schema: z.strictObject({ bookId }) },
} as const satisfies EventDefinitions;

export type FeaturedEvent = EventOf<typeof featuredEvents>;
