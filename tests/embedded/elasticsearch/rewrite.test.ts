import { expect, test } from "vitest";
import { boosted, constant, type Query, term } from "../../../embedded/elasticsearch/scoring/query.ts";
import { rewrite } from "../../../embedded/elasticsearch/scoring/rewrite.ts";

const rescored: Query = { k: "rescore", key: "1", query: term("title", "a"), beside: [], prepare: () => () => 1 };

test("a boost of 0 makes every score 0, also where it meets the boost of the only clause of a dis_max", () => {
  const disMax: Query = { k: "dismax", queries: [boosted(rescored, 1.5)], tie: 0.2 };
  expect(rewrite(boosted(disMax, 0))).toEqual(boosted(constant(rescored), 0));
  expect(rewrite(boosted(disMax, 2))).toEqual(boosted(rescored, 3));
});
