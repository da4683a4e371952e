import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBookExists } from "../../src/commands/library/bookExists.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { AppendTooLarge, WrongExpectedRevision } from "../../src/event-store/errors.ts";
import type { EventStore, RecordedEvent, SubscriptionMessage } from "../../src/event-store/types.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { newEvent } from "./events.ts";

let server: Awaited<ReturnType<typeof freshEventStore>>;
let store: EventStore;

beforeAll(async () => {
  server = await freshEventStore();
  store = connectEventStore({ url: server.url, logger: createLogger("test", "silent") });
});
afterAll(async () => {
  await store?.close();
  await server?.stop();
});

/** A separate name for each test, so that the suite also runs against a store with other events. */
const newStream = (category = "shelf") => `${category}-${randomUUID()}`;

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe("append", () => {
  test("is read back as it was written, with bigint revisions and rising positions", async () => {
    const stream = newStream();
    const events = [newEvent({ bookId: "紅樓夢😀" }), newEvent(), newEvent()];
    const first = await store.append(stream, "no_stream", events.slice(0, 2));
    const second = await store.append(stream, 1n, events.slice(2));
    expect([first.revision, second.revision]).toEqual([1n, 2n]);
    expect(second.position).toBeGreaterThan(first.position);
    const read = await all(store.readStream(stream));
    expect(read).toEqual(
      events.map((event, index) => ({
        ...event,
        stream,
        revision: BigInt(index),
        position: expect.any(BigInt),
        created: expect.any(Date),
      })),
    );
    expect(read.map(({ position }) => position).slice(1)).toEqual([first.position, second.position]);
    expect(Math.abs(Date.now() - read[0]!.created.getTime())).toBeLessThan(60_000);
  });

  test("leaves out what is undefined in the metadata", async () => {
    const stream = newStream();
    const event = newEvent();
    await store.append(stream, "no_stream", [{ ...event, metadata: { ...event.metadata, deviceId: undefined } }]);
    const [read] = await all(store.readStream(stream));
    expect(Object.keys(read!.metadata)).not.toContain("deviceId");
  });

  test("at another revision is a conflict that names the present one, and writes nothing", async () => {
    const stream = newStream();
    await expect(store.append(stream, 4n, [newEvent()])).rejects.toMatchObject({ actual: "no_stream" });
    await store.append(stream, "no_stream", [newEvent(), newEvent()]);
    for (const expected of ["no_stream", 0n, 2n] as const) {
      const conflict = store.append(stream, expected, [newEvent()]);
      await expect(conflict).rejects.toThrow(WrongExpectedRevision);
      await expect(conflict).rejects.toMatchObject({ stream, actual: 1n });
    }
    expect(await all(store.readStream(stream))).toHaveLength(2);
  });

  test("that is repeated answers the first time's place, also after others wrote", async () => {
    const stream = newStream();
    const events = [newEvent(), newEvent()];
    const first = await store.append(stream, "no_stream", events);
    expect(await store.append(stream, "no_stream", events)).toEqual(first);
    await store.append(stream, 1n, [newEvent()]);
    expect(await store.append(stream, "no_stream", events)).toEqual(first);
    expect(await all(store.readStream(stream))).toHaveLength(3);
  });

  test("above the limit of 1 MiB is AppendTooLarge", async () => {
    const stream = newStream();
    const chapters = [1, 2].map(() => newEvent({ text: "x".repeat(600_000) }, "ChaptersPublished"));
    await expect(store.append(stream, "no_stream", chapters)).rejects.toThrow(AppendTooLarge);
    expect(await all(store.readStream(stream))).toEqual([]);
  });

  test.each([
    ["a BigInt", { position: 1n }],
    ["a cycle", cycle()],
    ["a function", () => 1],
  ])("refuses data that JSON cannot carry: %s", async (_what, data) => {
    await expect(store.append(newStream(), "no_stream", [newEvent(data)])).rejects.toThrow(TypeError);
  });

  test("of many at once to one stream lets one win", async () => {
    const stream = newStream();
    const racing = Array.from({ length: 20 }, () => store.append(stream, "no_stream", [newEvent()]));
    const settled = await Promise.allSettled(racing);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const losers = settled.filter((result) => result.status === "rejected");
    for (const { reason } of losers) expect(reason).toBeInstanceOf(WrongExpectedRevision);
  });
});

function cycle(): object {
  const object: { self?: object } = {};
  object.self = object;
  return object;
}

describe("readStream", () => {
  test("of a stream that does not exist is empty", async () => {
    expect(await all(store.readStream(newStream()))).toEqual([]);
  });

  test("starts and ends where it is told, and is empty past the end", async () => {
    const stream = newStream();
    await store.append(stream, "no_stream", [newEvent(), newEvent(), newEvent(), newEvent()]);
    const revisions = async (options: { fromRevision?: bigint; maxCount?: number }) =>
      (await all(store.readStream(stream, options))).map(({ revision }) => revision);
    expect(await revisions({ fromRevision: 2n })).toEqual([2n, 3n]);
    expect(await revisions({ maxCount: 1 })).toEqual([0n]);
    expect(await revisions({ fromRevision: 1n, maxCount: 2 })).toEqual([1n, 2n]);
    expect(await revisions({ fromRevision: 4n })).toEqual([]);
  });

  test("may be left early, many times", async () => {
    const stream = newStream();
    await store.append(
      stream,
      "no_stream",
      Array.from({ length: 300 }, () => newEvent()),
    );
    for (let n = 0; n < 50; n++) {
      for await (const { revision } of store.readStream(stream)) {
        expect(revision).toBe(0n);
        break;
      }
    }
  });
});

describe("readLogAt", () => {
  test("finds the event at a position, and nothing beyond the end", async () => {
    const event = newEvent();
    const { position } = await store.append(newStream(), "no_stream", [event]);
    expect(await store.readLogAt(position)).toEqual({ id: event.id, position });
    const last = await store.append(newStream(), "no_stream", [newEvent()]);
    expect(await store.readLogAt(last.position + 1_000_000n)).toBeUndefined();
  });
});

test("close resolves after hundreds of reads and subscriptions that were left early", async () => {
  const other = connectEventStore({ url: server.url, logger: createLogger("test", "silent") });
  const stream = newStream();
  await other.append(
    stream,
    "no_stream",
    Array.from({ length: 100 }, () => newEvent()),
  );
  for (let n = 0; n < 200; n++) {
    await other.readLogAt(0n);
    for await (const _first of other.readStream(stream, { maxCount: 1 + (n % 100) })) {
      // Half the reads are abandoned after the client's buffers have filled.
      if (n % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      break;
    }
  }
  const signal = new AbortController().signal;
  for await (const _first of other.subscribe({ categories: ["shelf"], after: undefined, signal })) break;
  await other.close();
});

describe("subscribe", () => {
  /** Reads messages until `enough` says so; leaving the loop ends the subscription. */
  async function until(
    messages: AsyncIterable<SubscriptionMessage>,
    enough: (soFar: SubscriptionMessage[]) => boolean,
  ): Promise<SubscriptionMessage[]> {
    const soFar: SubscriptionMessage[] = [];
    for await (const message of messages) {
      soFar.push(message);
      if (enough(soFar)) break;
    }
    return soFar;
  }
  const eventsOf = (messages: SubscriptionMessage[]): RecordedEvent[] =>
    messages.flatMap((message) => (message.kind === "event" ? [message.event] : []));
  const signal = () => new AbortController().signal;

  test("delivers the categories' events after a position, then says it has caught up, then what is new", async () => {
    const before = await store.append(newStream(), "no_stream", [newEvent()]);
    const [ours, others, book] = [newStream("shelf"), newStream("account"), newStream("book")];
    await store.append(ours, "no_stream", [newEvent(), newEvent()]);
    await store.append(others, "no_stream", [newEvent()]);
    await store.append(book, "no_stream", [newEvent()]);
    await store.append(`shelfish-${randomUUID()}`, "no_stream", [newEvent()]);

    const messages = store.subscribe({ categories: ["shelf", "book"], after: before.position, signal: signal() });
    let appended = false;
    const heard = await until(messages, (soFar) => {
      if (soFar.at(-1)!.kind === "caughtUp" && !appended) {
        appended = true;
        void store.append(ours, 1n, [newEvent()]);
      }
      return eventsOf(soFar).length === 4;
    });
    const caughtUp = heard.findIndex(({ kind }) => kind === "caughtUp");
    expect(eventsOf(heard).map(({ stream, revision }) => [stream, revision])).toEqual([
      [ours, 0n],
      [ours, 1n],
      [book, 0n],
      [ours, 2n],
    ]);
    expect(eventsOf(heard.slice(0, caughtUp))).toHaveLength(3);
    const stored = await all(store.readStream(ours));
    expect(eventsOf(heard).filter(({ stream }) => stream === ours)).toEqual(stored);
  });

  test("keeps checkpoints and caught-up in their place among thousands of events, each event once", async () => {
    const stream = newStream();
    const start = await store.append(stream, "no_stream", [newEvent()]);
    const other = newStream("account");
    for (let n = 0; n < 20; n++) {
      await store.append(
        stream,
        BigInt(n * 100),
        Array.from({ length: 100 }, () => newEvent()),
      );
      const expected = n === 0 ? "no_stream" : BigInt(n * 100 - 1);
      await store.append(
        other,
        expected,
        Array.from({ length: 100 }, () => newEvent()),
      );
    }
    const messages = store.subscribe({ categories: ["shelf"], after: start.position, signal: signal() });
    const heard = await until(messages, (soFar) => soFar.at(-1)!.kind === "caughtUp");
    expect(eventsOf(heard).map(({ revision }) => revision)).toEqual(
      Array.from({ length: 2_000 }, (_, n) => BigInt(n + 1)),
    );
    const checkpoints = heard.filter(({ kind }) => kind === "checkpoint");
    expect(checkpoints.length).toBeGreaterThan(0);
    const rising = (positions: bigint[]) => expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
    rising(eventsOf(heard).map(({ position }) => position));
    rising(heard.flatMap((message) => (message.kind === "checkpoint" ? [message.position] : [])));
  });

  test("resumes after each event without gap or repetition", async () => {
    const stream = newStream();
    const { position } = await store.append(stream, "no_stream", [newEvent()]);
    await store.append(
      stream,
      0n,
      Array.from({ length: 5 }, () => newEvent()),
    );
    let after = position;
    const revisions: bigint[] = [];
    for (let n = 0; n < 5; n++) {
      const messages = store.subscribe({ categories: ["shelf"], after, signal: signal() });
      const [event] = eventsOf(await until(messages, (soFar) => soFar.at(-1)!.kind === "event"));
      revisions.push(event!.revision);
      after = event!.position;
    }
    expect(revisions).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  test("ends without an error when it is aborted, also before it began", async () => {
    const aborting = new AbortController();
    const options = { categories: ["shelf"], after: undefined, signal: aborting.signal } as const;
    for await (const message of store.subscribe(options)) {
      if (message.kind === "caughtUp") aborting.abort();
    }
    expect(await all(store.subscribe(options))).toEqual([]);
  });

  test("waits for a slow reader", async () => {
    const stream = newStream();
    const { position } = await store.append(stream, "no_stream", [newEvent()]);
    for (let n = 0; n < 10; n++) {
      const events = Array.from({ length: 20 }, () => newEvent({ text: "x".repeat(20_000) }));
      await store.append(stream, BigInt(n * 20), events);
    }
    const revisions: bigint[] = [];
    for await (const message of store.subscribe({ categories: ["shelf"], after: position, signal: signal() })) {
      if (message.kind !== "event") continue;
      revisions.push(message.event.revision);
      if (revisions.length === 1) await new Promise((resolve) => setTimeout(resolve, 300));
      if (revisions.length === 200) break;
    }
    expect(revisions).toEqual(Array.from({ length: 200 }, (_, n) => BigInt(n + 1)));
  });
});

test("ping resolves while the store answers", async () => {
  await expect(store.ping()).resolves.toBeUndefined();
});

test("a connection string that makes the client name wrong revisions is refused", () => {
  const url = `${server.url}${server.url.includes("?") ? "&" : "?"}throwOnAppendFailure=false`;
  expect(() => connectEventStore({ url, logger: createLogger("test", "silent") })).toThrow(/wrong revisions/);
});

test("thousands of looks at single events leave the connection alone: none is a cancelled call", async () => {
  const bookId = randomUUID().replaceAll("-", "").slice(0, 12);
  const { position } = await store.append(`book-${bookId}`, "no_stream", [newEvent({}, "BookCatalogued")]);
  for (let round = 0; round < 50; round++) {
    // New ones each round: they cache their results. (Creating a cache takes 10 ms.)
    const looks = Array.from({ length: 5 }, () => createBookExists(store)(bookId));
    const places = Array.from({ length: 50 }, () => store.readLogAt(position));
    expect(new Set(await Promise.all(looks))).toEqual(new Set([true]));
    expect((await Promise.all(places)).every((place) => place?.position === position)).toBe(true);
  }
});
