import { expect, test } from "vitest";
import { concernOf } from "../../../src/projections/engine/core/concern.ts";
import { tallyOf } from "../fixtures.ts";

test.each([
  ["BookAddedToShelf", "shelf-a", "handled"],
  ["BookRemovedFromShelf", "shelf-a", "unhandled"],
  ["BookBurnt", "shelf-a", "unknown"],
  ["constructor", "shelf-a", "unknown"],
  ["ScavengeBegun", "operations-scavenge", "unhandled"],
  ["SomethingOfANewerRelease", "operations-projections", "unhandled"],
])("%s in %s is %s", (type, stream, concern) => {
  expect(concernOf(tallyOf("concerned"), { type, stream })).toBe(concern);
});
