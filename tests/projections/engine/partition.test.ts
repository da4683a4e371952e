import { describe, expect, test } from "vitest";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";

describe("the partition of a key", () => {
  // 32-bit FNV-1a of "", "a" and "foobar", from the test vectors of the algorithm's authors.
  test.each([
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["foobar", 0xbf9cf968],
  ])("is the known hash of %j", (key, hash) => {
    expect(partitionOf(key, 2 ** 32)).toBe(hash);
    expect(partitionOf(key, 8)).toBe(hash % 8);
  });

  test("never changes: rows of live builds rely on it", () => {
    const keys = ["hongloumeng0", "xiyouji00000", "01890a5d-ac96-774b-bcce-b302099a8057", "红楼梦"];
    expect(keys.map((key) => partitionOf(key, 8))).toEqual([4, 4, 3, 7]);
  });

  test("spreads neighbouring ids over all partitions", () => {
    const counts = Array.from({ length: 8 }, () => 0);
    for (let number = 0; number < 8_000; number++) {
      const id = `01890a5d-ac96-774b-bcce-${String(number).padStart(12, "0")}`;
      counts[partitionOf(id, 8)]! += 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(700);
    for (const count of counts) expect(count).toBeLessThan(1_300);
  });
});
