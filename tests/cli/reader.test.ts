import { expect, test } from "vitest";
import { runWith } from "./fixtures.ts";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const event = (position: bigint) => ({
  position,
  revision: position,
  created: new Date(1_767_225_600_000),
  stream: `shelf-${id}`,
  id: "e",
  type: "ShelfGroupCreated",
  data: { group: "g", name: "金\u001b陵" },
  metadata: { commandId: "c" },
});
const asked: unknown[] = [];
const readerEvents = async function* (readerId: string, after: bigint | undefined) {
  asked.push([readerId, after]);
  for (const position of [3n, 5n, 2n ** 60n]) yield event(position);
};

test("trace prints the events with place, time and data on a line each", async () => {
  const { code, stdout } = await runWith(["reader", "trace", id.toUpperCase(), "--after", "2"], { readerEvents });
  expect(code).toBe(0);
  expect(asked).toEqual([[id, 2n]]);
  expect(stdout.split("\n")[0]).toBe(
    '3  2026-01-01T00:00:00.000Z  shelf@3  ShelfGroupCreated  {"group":"g","name":"金\\u001b陵"}',
  );
  expect(stdout).toContain("3 events");
  const first = await runWith(["reader", "trace", id, "--limit", "1"], { readerEvents });
  expect(first.stdout).toContain("1 events");
});

test("trace prints JSON lines with all that is known, positions as text", async () => {
  const { stdout } = await runWith(["reader", "trace", id, "--json"], { readerEvents });
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[2] ?? "")).toEqual({
    position: "1152921504606846976",
    revision: "1152921504606846976",
    created: "2026-01-01T00:00:00.000Z",
    stream: `shelf-${id}`,
    id: "e",
    type: "ShelfGroupCreated",
    data: event(0n).data,
    metadata: { commandId: "c" },
  });
});

const why = ["--by", "妙玉", "--reason", "两本一样"];

test("corrections name who and why, and say what was appended", async () => {
  const sent: unknown[] = [];
  const done =
    (events: readonly string[]) =>
    async (...args: unknown[]) => {
      sent.push(args);
      const outcome = events.length === 0 ? ("unchanged" as const) : ("appended" as const);
      return { outcome, position: 1n, revision: 1n, events, consistencyToken: null };
    };
  const move = ["reader", "move-book", id, "hongloumeng1", "hongloumeng0"];
  const moved = await runWith([...move, ...why], {
    replaceBookFor: done(["BookAddedToShelf", "BookRemovedFromShelf"]),
  });
  expect(moved).toMatchObject({ code: 0, stdout: "BookAddedToShelf, BookRemovedFromShelf\n" });
  const removed = await runWith(["reader", "remove-book", id, "hongloumeng1", ...why], { removeBookFor: done([]) });
  expect(removed).toMatchObject({ code: 0, stdout: "it is not on the shelf\n" });
  const correction = { by: "妙玉", reason: "两本一样" };
  expect(sent).toEqual([
    [{ readerId: id, from: "hongloumeng1", to: "hongloumeng0" }, correction],
    [{ readerId: id, bookId: "hongloumeng1" }, correction],
  ]);
  for (const wrong of [
    move,
    [...move, "--by", "li"],
    [...move, "--by", " ", "--reason", "x"],
    [...move, ...why, "more"],
  ])
    expect((await runWith(wrong)).code).toBe(2);
});

test("a reader is erased only when that is confirmed", async () => {
  const erased: string[] = [];
  const eraseReader = async (readerId: string) => {
    erased.push(readerId);
    return [{ exportId: "e1", place: "host:/data/events", reader: "0af1" }];
  };
  expect((await runWith(["reader", "erase", id], { eraseReader })).code).toBe(2);
  const { code, stdout } = await runWith(["reader", "erase", id, "--yes"], { eraseReader });
  expect(code).toBe(0);
  expect(stdout).toContain("export e1 in host:/data/events holds the reader as 0af1");
  expect(erased).toEqual([id]);
});

test("purge says what was done, and fails when something is left", async () => {
  const purge = async () => ({ scavengeId: "s1", tables: 12, left: [] });
  expect(await runWith(["reader", "purge"], { purge })).toMatchObject({
    code: 0,
    stdout: "Purged: the log is scavenged (s1), 12 tables and Redis were rewritten.\n",
  });
  const some = await runWith(["reader", "purge", "--json"], {
    purge: async () => ({ ...(await purge()), left: ["the WAL"] }),
  });
  expect(JSON.parse(some.stdout)).toEqual({ scavengeId: "s1", tables: 12, left: ["the WAL"] });
  expect(some).toMatchObject({ code: 1, stderr: expect.stringContaining("the WAL") });
});

test("purge is given up after its time", async () => {
  const late = await runWith(["reader", "purge", "--timeout", "0.05"], {
    purge: ({ giveUp }) =>
      new Promise((_, reject) =>
        giveUp.addEventListener("abort", () => reject(new Error(`${giveUp.reason}, held up`))),
      ),
  });
  expect(late).toMatchObject({ code: 1, stderr: "heima: given up after 0.05 s, held up\n" });
});
