import { expect, test, vi } from "vitest";
import type { ParkedInBuild } from "../../src/projections/engine/parked/parkedEvents.ts";
import { readModels } from "../../src/projections/registry.ts";
import { nothingWritten, runWith } from "./fixtures.ts";

const eventId = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const parked: ParkedInBuild = {
  readModel: "shelf",
  build: "shelf_v1_b1",
  partition: 3,
  key: "baoyu",
  eventId,
  type: "BookPinned",
  stream: "shelf-baoyu",
  position: 9_007_199_254_740_993n,
  events: 12,
  since: new Date(0),
  error: "BookPinned at 70: no such\n\u001b[2Jbook",
};
const of = (...keys: ParkedInBuild[]) =>
  async function* () {
    yield* keys;
  };
const retried = { build: "shelf_v1_b1", partition: 3, key: "baoyu", folded: 2, skipped: 1, left: 0, error: null };

test("parked queries all read models or one, and prints one line per key", async () => {
  const parkedKeys = vi.fn(of(parked));
  const { code, stdout } = await runWith(["projections", "parked"], { parkedKeys });
  expect(parkedKeys).toHaveBeenCalledWith(readModels.map(({ name }) => name));
  expect([code, stdout]).toEqual([
    0,
    "READ MODEL  BUILD        PARTITION  KEY    EVENT                                 TYPE        STREAM" +
      "               POSITION  WAIT  SINCE                     ERROR\n" +
      `shelf       shelf_v1_b1          3  baoyu  ${eventId}  BookPinned  shelf-baoyu  ` +
      "9007199254740993    12  1970-01-01T00:00:00.000Z  BookPinned at 70: no such [2Jbook\n",
  ]);
  await runWith(["projections", "parked", "library"], { parkedKeys });
  expect(parkedKeys).toHaveBeenLastCalledWith(["library"]);
  expect((await runWith(["projections", "parked"])).stdout).toBe("nothing is parked\n");
});

test("parked queries no more keys than it prints, by default a hundred, and reports that there are more", async () => {
  let yielded = 0;
  const parkedKeys = async function* () {
    for (; yielded < 100_000; yielded++) yield parked;
  };
  const lines = async (...args: string[]) => {
    yielded = 0;
    return (await runWith(["projections", "parked", ...args], { parkedKeys })).stdout.trim().split("\n");
  };
  expect((await lines()).slice(-1)).toEqual(["more keys are parked; --limit prints more than 100"]);
  expect(yielded).toBe(100);
  expect(await lines("--limit", "7")).toHaveLength(9);
  yielded = 0;
  const { stdout } = await runWith(["projections", "parked", "--limit", "3", "--json"], { parkedKeys });
  expect(JSON.parse(stdout)).toMatchObject({ parked: [{}, {}, {}], more: true });
});

test("parked prints positions as strings in JSON", async () => {
  const { stdout } = await runWith(["projections", "parked", "--json"], { parkedKeys: of(parked) });
  expect(JSON.parse(stdout)).toEqual({
    parked: [{ ...parked, position: "9007199254740993", since: "1970-01-01T00:00:00.000Z" }],
    more: false,
  });
});

test("retry says what became of each key, and ends with 1 when any stays parked", async () => {
  const retryParked = vi.fn(async () => [retried]);
  expect(await runWith(["projections", "retry", "shelf", "--key", "baoyu"], { retryParked })).toMatchObject({
    code: 0,
    stdout: "shelf_v1_b1, partition 3, baoyu: 2 folded, 1 left out; nothing stays parked\n",
  });
  expect(retryParked).toHaveBeenCalledWith("shelf", "baoyu");
  const stays = async () => [retried, { ...retried, folded: 0, skipped: 0, left: 4, error: "cannot count" }];
  expect(await runWith(["projections", "retry", "shelf", "--all"], { retryParked: stays })).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("baoyu: 0 folded; 4 stay parked: cannot count\n"),
    stderr: "heima: 1 of 2 keys stay parked\n",
  });
});

test("retry of a key that is not parked ends with 1; of all, when nothing is, with 0", async () => {
  expect((await runWith(["projections", "retry", "shelf", "--key", "nobody"])).code).toBe(1);
  expect(await runWith(["projections", "retry", "shelf", "--all"])).toMatchObject({
    code: 0,
    stdout: "nothing is parked in shelf\n",
  });
});

test("skip says what will be lost before it does it", async () => {
  const skipParked = vi.fn(async () => ({ ...nothingWritten, events: ["ParkedEventSkipped"] }));
  const args = ["projections", "skip", "shelf", "--event", eventId.toUpperCase(), "--reason", " by hand "];
  const { code, stdout } = await runWith(args, { parkedKeys: of(parked), skipParked });
  expect([code, stdout]).toEqual([
    0,
    "shelf_v1_b1 loses what BookPinned of shelf-baoyu at 9007199254740993 would change for baoyu; " +
      `11 later events are folded without it\n${eventId}: skipped\n`,
  ]);
  expect(skipParked).toHaveBeenCalledWith({ readModel: "shelf", eventId, reason: "by hand" });
  const again = await runWith(args, { skipParked: async () => nothingWritten });
  expect(again.stdout).toBe(`${eventId}: was skipped before\n`);
});

test.each<[name: string, args: readonly string[]]>([
  ["parked of a read model that does not exist", ["parked", "nothing"]],
  ["retry without a read model", ["retry", "--all"]],
  ["retry of neither a key nor all", ["retry", "shelf"]],
  ["retry of a key and all", ["retry", "shelf", "--key", "baoyu", "--all"]],
  ["skip without a reason", ["skip", "shelf", "--event", eventId]],
  ["skip with an empty reason", ["skip", "shelf", "--event", eventId, "--reason", " "]],
  ["skip of no event", ["skip", "shelf", "--reason", "by hand"]],
  ["skip of what is no event's id", ["skip", "shelf", "--event", "70", "--reason", "by hand"]],
])("%s is a wrong command line", async (_name, args) => {
  const retryParked = vi.fn(async () => []);
  const skipParked = vi.fn(async () => nothingWritten);
  expect((await runWith(["projections", ...args], { retryParked, skipParked })).code).toBe(2);
  expect([retryParked, skipParked].every((command) => command.mock.calls.length === 0)).toBe(true);
});
