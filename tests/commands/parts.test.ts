import { createHash, randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandHash, requestHash } from "../../src/commands/commandHash.ts";
import { eventIdOf } from "../../src/commands/eventIds.ts";
import { createKeyedMutex } from "../../src/commands/keyedMutex.ts";
import { KnownCommands } from "../../src/commands/knownCommands.ts";
import { createStateCache } from "../../src/commands/stateCache.ts";
import { emptyStream } from "../../src/commands/streamState.ts";
import { EventStoreUnavailable, OutcomeUnknown } from "../../src/event-store/errors.ts";
import { shelf } from "./fixtures.ts";

/** The identity of a command: an id, and a hash of its content. */
const identity = (said: string, commandId: string = randomUUID()) => ({
  commandId,
  commandHash: createHash("sha256").update(said).digest("hex"),
});

describe("the hash of a command", () => {
  test("does not depend on the order of keys, at any depth", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (sent) => {
        expect(commandHash("shelf-1", "AddBookToShelf", sent)).toBe(
          commandHash("shelf-1", "AddBookToShelf", reversed(sent)),
        );
      }),
    );
  });

  test("is of the stream, the name and every value, and says that it is one", () => {
    const commands: [string, string, unknown][] = [
      ["shelf-1", "AddBookToShelf", {}],
      ["shelf-2", "AddBookToShelf", {}],
      ["shelf-1", "RemoveBooksFromShelf", {}],
      ["shelf-1", "AddBookToShelf", { bookIds: ["a", "b"] }],
      ["shelf-1", "AddBookToShelf", { bookIds: ["b", "a"] }],
      ["shelf-1", "AddBookToShelf", { group: null }],
    ];
    const hashes = commands.map((command) => commandHash(...command));
    expect(new Set(hashes).size).toBe(commands.length);
    expect(hashes[0]).toMatch(/^2:[0-9a-f]{64}$/);
  });

  test("stays what it was in every release", () => {
    expect(commandHash("shelf-1", "AddBookToShelf", { group: null, bookId: "hongloumeng0" })).toBe(
      "2:97ead46bb1db770afeb3c5425dd2d8c8ff30cf0b1d4c3853ccd930551e3eab1d",
    );
  });
});

describe("the hash of a request", () => {
  test("does not depend on the order of keys, at any depth", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(requestHash("PUT", "/v1/shelf/x", body)).toBe(requestHash("PUT", "/v1/shelf/x", reversed(body)));
      }),
    );
  });

  test("is of the method, the path and every value", () => {
    const requests: [string, string, unknown][] = [
      ["PUT", "/v1/shelf/x", {}],
      ["DELETE", "/v1/shelf/x", {}],
      ["PUT", "/v1/shelf/y", {}],
      ["PUT", "/v1/shelf/x", undefined],
      ["PUT", "/v1/shelf/x", { a: [1, 2] }],
      ["PUT", "/v1/shelf/x", { a: [2, 1] }],
      ["PUT", "/v1/shelf/x", { a: { b: null } }],
    ];
    const hashes = requests.map((request) => requestHash(...request));
    expect(new Set(hashes).size).toBe(requests.length);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed(part)]),
  );
}

describe("the id of an event", () => {
  test("is the same in every process", () => {
    const context = identity("PUT /v1/shelf/x", "6f2f9d0c-51e5-4f0a-9d27-0d0f4c1f8a11");
    expect(eventIdOf("shelf-1", context, 0, { bookId: "hongloumeng0" })).toBe("e44f1dfa-e270-5669-84e8-3ef21c615d98");
  });

  test("differs by stream, command, hash, index and data", () => {
    const context = identity("a");
    const data = { bookId: "hongloumeng0" };
    const ids = [
      eventIdOf(shelf, context, 0, data),
      eventIdOf(shelf, context, 1, data),
      eventIdOf("shelf-2", context, 0, data),
      eventIdOf(shelf, identity("a"), 0, data),
      eventIdOf(shelf, identity("b", context.commandId), 0, data),
      eventIdOf(shelf, context, 0, { bookId: "xiyouji00000" }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(eventIdOf(shelf, { ...context }, 0, { ...data })).toBe(ids[0]);
  });
});

describe("work that is done one at a time", () => {
  test("keeps its order within a key, whatever fails, and does not wait for other keys", async () => {
    const keyedMutex = createKeyedMutex();
    const done: string[] = [];
    const gate = new EventEmitter();
    const opened = once(gate, "open");
    const first = keyedMutex("a", () => opened.then(() => Promise.reject(new Error("first failed"))));
    const second = keyedMutex("a", async () => void done.push("a2"));
    await keyedMutex("b", async () => void done.push("b1"));
    expect(done).toEqual(["b1"]);
    gate.emit("open");
    await expect(first).rejects.toThrow("first failed");
    await second;
    expect(done).toEqual(["b1", "a2"]);
  });

  test.each([new EventStoreUnavailable("no answer"), new OutcomeUnknown("no answer")])(
    "is not begun if it waited for work to which the event store gave no answer: $name",
    async (error) => {
      const keyedMutex = createKeyedMutex();
      const done: string[] = [];
      const work = (name: string) => keyedMutex("a", async () => void done.push(name));
      const first = keyedMutex("a", () => Promise.reject(error));
      const waiting = await Promise.allSettled([first, work("second"), work("third")]);
      const unavailable = { status: "rejected", reason: expect.any(EventStoreUnavailable) };
      expect(waiting).toEqual([{ status: "rejected", reason: error }, unavailable, unavailable]);
      await work("later");
      expect(done).toEqual(["later"]);
    },
  );
});

describe("the cache of states", () => {
  const bigShelf = (stream: string) => {
    const books = new Set(Array.from({ length: 1_000 }, (_, n) => String(n).padStart(12, "0")));
    return { ...emptyStream(stream, { books }), revision: 999n };
  };

  test("holds no more than its bytes and lets the least recently used go", () => {
    const cache = createStateCache(300_000);
    for (const stream of ["shelf-1", "shelf-2", "shelf-3"]) {
      cache.set(bigShelf(stream));
      cache.get("shelf-1");
    }
    cache.set(bigShelf("shelf-4"));
    cache.set(bigShelf("shelf-5"));
    const kept = [1, 2, 3, 4, 5].filter((n) => cache.get(`shelf-${n}`) !== undefined);
    expect(kept).toEqual([1, 4, 5]);
  });

  test("weighs the remembered commands too", () => {
    const cache = createStateCache(10_000);
    const light = emptyStream("shelf-1", null);
    cache.set(light);
    const command = { hash: "h".repeat(64), revision: 0n, position: 0n, types: ["BookAddedToShelf"], books: [] };
    const known = new KnownCommands();
    for (let n = 0; n < 500; n++) known.remember(String(n), command);
    cache.set({ ...light, known });
    expect(cache.get("shelf-1")).toBeUndefined();
  });
});
