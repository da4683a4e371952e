import { expect, test } from "vitest";
import type { Verification, VerifyScope } from "../../src/projections/engine/verify/verifyBuild.ts";
import { library } from "../../src/projections/library/library.ts";
import { shelf } from "../../src/projections/shelf/shelf.ts";
import { runWith } from "./fixtures.ts";

const readModels = [shelf, library];

/** `heima projections verify …` on a build that has these differences; also returns the received request. */
async function run(args: readonly string[], found: Verification["found"] = [], differences = found.length) {
  const asked: [string, VerifyScope][] = [];
  const ended = await runWith(["projections", "verify", ...args], {
    readModels,
    verifyReadModel: async (name, scope, onProgress) => {
      asked.push([name, scope]);
      onProgress({ share: 0.5, events: 2_000 });
      return { build: `${name}_v3_b1`, keys: 3, rows: 12, events: 402, passes: 1, differences, found };
    },
  });
  return { ...ended, asked };
}

const different = {
  kind: "different",
  table: "shelf_books",
  key: ["lin", "hongloumeng0"],
  detail: null,
  columns: [
    { column: "pinned", expected: false, found: true },
    { column: "order_position", expected: 2n ** 60n, found: null },
  ],
} as const;
const parked = { kind: "parked", table: null, key: ["partition 2"], columns: [], detail: "one too many" } as const;

test("no difference: a line of what was looked at, and 0", async () => {
  const { code, stdout, stderr, asked } = await run(["shelf"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^shelf_v3_b1: 3 keys, 12 rows, 402 events, 1 pass in \d+\.\d s: no differences\n$/);
  expect(asked).toEqual([["shelf", { kind: "all" }]]);
});

test("differences are listed, and it ends with 1", async () => {
  const { code, stdout, stderr } = await run(["shelf"], [different, parked], 250);
  expect(code).toBe(1);
  expect(stderr).toBe('heima: shelf_v3_b1 differs from the log; "heima projections rebuild shelf" replaces it\n');
  expect(stdout.split("\n").slice(0, 5)).toEqual([
    "different  shelf_books  lin/hongloumeng0",
    "    pinned: false by the log, true here",
    '    order_position: "1152921504606846976" by the log, null here',
    "parked  partition 2",
    "    one too many",
  ]);
  expect(stdout).toContain("250 differences; the first 2 are listed");
});

test("as JSON", async () => {
  const { code, stdout } = await run(["shelf", "--json", "--sample", "5", "--seed", "monday"], [different]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    readModel: "shelf",
    build: "shelf_v3_b1",
    seed: "monday",
    differences: 1,
    found: [{ columns: [{ expected: false }, { expected: "1152921504606846976" }] }],
  });
});

const reader = "01890a5d-ac96-774b-bcce-b302099a8057";
test.each([
  [["shelf", "--reader", reader], { kind: "keys", keys: [reader] }],
  [["shelf", "--reader", reader.toUpperCase()], { kind: "keys", keys: [reader] }],
  [["library", "--book", "hongloumeng0"], { kind: "keys", keys: ["hongloumeng0"] }],
  [["library", "--sample", "50", "--seed", "a"], { kind: "sample", size: 50, seed: "a" }],
])("%s", async (args, scope) => {
  expect((await run(args)).asked).toEqual([[args[0], scope]]);
});

test("a sample without a seed names the one that it took", async () => {
  const { stdout, asked } = await run(["shelf", "--sample", "5"]);
  const [, scope] = asked[0] ?? [];
  if (scope?.kind !== "sample") throw new Error("no sample was asked for");
  expect(stdout).toContain(`3 keys (seed ${scope.seed})`);
});

test.each([
  [["nothing"], /Allowed choices are shelf, library/],
  [["library", "--reader", reader], /the rows of library belong to a book, not to a reader/],
  [["shelf", "--sample", "0"], /a number from 1/],
  [["shelf", "--reader", reader, "--sample", "3"], /cannot be used with/],
  [["shelf", "--reader", "lin"], /must be a UUID/],
  [["library", "--book", "hongloumeng"], /12 characters/],
  [[], /missing required argument/],
])("%s is refused with 2", async (args, message) => {
  const { code, stderr, asked } = await run(args);
  expect([code, asked]).toEqual([2, []]);
  expect(stderr).toMatch(message);
});
