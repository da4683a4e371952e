import fc from "fast-check";
import { expect, test } from "vitest";
import { type Featured, featuredDecider } from "../../src/domain/featured/decider.ts";
import type { FeaturedEvent } from "../../src/domain/featured/events.ts";

const { initialState, evolve } = featuredDecider;
const decide = (bookIds: readonly string[], featured: Featured = initialState) =>
  featuredDecider.decide({ type: "FeatureBooks", bookIds }, featured) as readonly FeaturedEvent[];
const obey = (featured: Featured, bookIds: readonly string[]) => decide(bookIds, featured).reduce(evolve, featured);
const [dream, west, kingdoms] = ["hongloumeng0", "xiyouji00000", "sanguoyanyi0"] as const;
const at = (bookId: string, place: number) => ({ type: "BookFeatured", data: { bookId, place } });

test("a list is featured by an event for each book whose place changes, and once", () => {
  expect(decide([dream, west, dream])).toEqual([at(dream, 1), at(west, 2)]);
  const featured = obey(initialState, [dream, west]);
  expect(decide([dream, west], featured)).toEqual([]);
  expect(decide([dream, kingdoms, west], featured)).toEqual([at(kingdoms, 2), at(west, 3)]);
  expect(decide([west], featured)).toEqual([{ type: "BookUnfeatured", data: { bookId: dream } }, at(west, 1)]);
  expect(decide([], featured)).toHaveLength(2);
  expect(decide([])).toEqual([]);
});

test("the last list counts, whatever was featured before", () => {
  const list = fc.uniqueArray(fc.constantFrom(dream, west, kingdoms, "shuihuzhuan0"));
  fc.assert(
    fc.property(fc.array(list), list, (before, last) => {
      const featured = [...before, last].reduce(obey, initialState);
      expect([...featured].sort((a, b) => a[1] - b[1]).map(([bookId]) => bookId)).toEqual(last);
      expect([...featured.values()].sort()).toEqual(last.map((_, index) => index + 1));
    }),
  );
});
