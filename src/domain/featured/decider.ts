import type { Decider } from "../decider.ts";
import type { FeaturedEvent } from "./events.ts";

/** The place of each featured book. */
export type Featured = ReadonlyMap<string, number>;

/** The books that are featured from now on, in this order; of doubles the first counts. */
export type FeaturedCommand = { readonly type: "FeatureBooks"; readonly bookIds: readonly string[] };

/** The rules of what is featured in a channel. A new list costs an event for each book whose place changes. */
export const featuredDecider: Decider<Featured, FeaturedCommand, FeaturedEvent> = {
  initialState: new Map(),

  evolve(featured, { type, data }) {
    const changed = new Map(featured);
    if (type === "BookFeatured") changed.set(data.bookId, data.place);
    else changed.delete(data.bookId);
    return changed;
  },

  decide({ bookIds }, featured) {
    const wanted = [...new Set(bookIds)];
    const gone = [...featured.keys()].filter((bookId) => !wanted.includes(bookId));
    return [
      ...gone.map((bookId): FeaturedEvent => ({ type: "BookUnfeatured", data: { bookId } })),
      ...wanted.flatMap((bookId, index): FeaturedEvent[] =>
        featured.get(bookId) === index + 1 ? [] : [{ type: "BookFeatured", data: { bookId, place: index + 1 } }],
      ),
    ];
  },
};
