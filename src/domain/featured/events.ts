import { z } from "zod";
import type { EventDefinitions, EventOf } from "../event.ts";
import { bookId } from "../ids.ts";

/** The maximum number of featured books of a channel. */
export const maxFeatured = 50;

/** Events of the books that operators feature in a channel (`featured-<channel>`), one per book. */
export const featuredEvents = {
  /** The book is featured at this rank, from 1. */
  BookFeatured: {
    version: 1,
    schema: z.strictObject({ bookId, place: z.int().positive().max(maxFeatured) }),
  },
  BookUnfeatured: { version: 1, schema: z.strictObject({ bookId }) },
} as const satisfies EventDefinitions;

export type FeaturedEvent = EventOf<typeof featuredEvents>;
