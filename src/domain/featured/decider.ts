import type { Decider } from "../decider.ts";
import type { FeaturedEvent } from "./events.ts";

/** The rank of each featured book, by book id. */
export type Featured = ReadonlyMap<string, number>;

/** Replaces the list of featured books. Of duplicates the first counts. */
export type FeaturedCommand = { readonly type: "FeatureBooks"; readonly bookIds: readonly string[] };

/** The rules of a channel's featured books. A new list costs one event for each book whose rank changes. */
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
