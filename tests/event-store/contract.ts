import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppendTooLarge, InvalidPosition, WrongExpectedRevision } from "../../src/event-store/errors.ts";
import type { EventStore, RecordedEvent } from "../../src/event-store/types.ts";
import { newEvent } from "./events.ts";

/** What every event store must do, whatever it already contains. `open` is called once; `stop` is called after all tests. */
export function eventStoreContract(name: string, open: () => Promise<{ store: EventStore; stop(): Promise<void> }>) {
  describe(`the contract of event stores: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let store: EventStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened?.stop());

    const written = async (count: number, category = "shelf") => {
      const stream = `${category}-${randomUUID()}`;
      const events = Array.from({ length: count }, (_, n) => newEvent({ n }));
      return { stream, events, ...(await store.append(stream, "no_stream", events)) };
    };

    test("an append names its last event's place, and a repeat the same", async () => {
      const { stream, events, revision, position } = await written(3);
      expect(revision).toBe(2n);
      await store.append(stream, 2n, [newEvent({})]);
      expect(await store.append(stream, "no_stream", events)).toEqual({ revision, position });
      expect((await all(store.readStream(stream))).at(2)).toMatchObject({ position, revision, id: events[2]?.id });
    });

    test("a repeat of an append whose events are no longer readable is acknowledged too", async () => {
      const { stream, events, revision, position } = await written(1);
      const metadata = newEvent({ $maxCount: 1 });
      await store.append(`$$${stream}`, "no_stream", [{ ...metadata, type: "$metadata" }]);
      const next = await store.append(stream, revision, [newEvent({})]);
      const repeated = await store.append(stream, "no_stream", events);
      expect(repeated.revision).toBe(revision);
      // Without a position in the answer it is that of the next readable event.
      expect([position, next.position]).toContain(repeated.position);
    });

    test("an append at another revision, or one too large, writes nothing", async () => {
      const { stream } = await written(2);
      const stale = store.append(stream, 0n, [newEvent({})]);
      await expect(stale).rejects.toThrow(WrongExpectedRevision);
      await expect(stale).rejects.toMatchObject({ stream, actual: 1n });
      await expect(store.append(`${stream}x`, 1n, [newEvent({})])).rejects.toMatchObject({ actual: "no_stream" });
      await expect(store.append(stream, 1n, [newEvent("x".repeat(1_100_000))])).rejects.toThrow(AppendTooLarge);
      await expect(store.append(stream, 1n, [newEvent(() => 1)])).rejects.toThrow(TypeError);
      expect(await all(store.readStream(stream))).toHaveLength(2);
    });

    test("an append of no events tells whether the stream ends at the revision, and leaves it as it is", async () => {
      const { stream } = await written(2);
      expect(await store.append(stream, 1n, [])).toMatchObject({ revision: 1n });
      await expect(store.append(stream, 0n, [])).rejects.toMatchObject({ stream, actual: 1n });
      await expect(store.append(stream, 2n, [])).rejects.toMatchObject({ stream, actual: 1n });
      await expect(store.append(`${stream}x`, 0n, [])).rejects.toMatchObject({ actual: "no_stream" });
      // The next append is decided as if it had not happened.
      const [, looked, appended] = await Promise.all([
        store.append(stream, 1n, []),
        store.append(stream, 1n, []),
        store.append(stream, 1n, [newEvent({})]),
      ]);
      expect([looked, appended]).toMatchObject([{ revision: 1n }, { revision: 2n }]);
      await expect(store.append(stream, 1n, [])).rejects.toMatchObject({ stream, actual: 2n });
      expect(await all(store.readStream(stream))).toHaveLength(3);
    });

    test("an append at any revision is written wherever the stream ends, and first of all", async () => {
      const stream = `search-${randomUUID()}`;
      expect(await store.append(stream, "any", [newEvent({ n: 0 })])).toMatchObject({ revision: 0n });
      await store.append(stream, 0n, [newEvent({ n: 1 })]);
      expect(await store.append(stream, "any", [newEvent({ n: 2 })])).toMatchObject({ revision: 2n });
      expect((await all(store.readStream(stream))).map(({ data }) => data)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
    });

    test("a stream is read in both directions, from a revision and not beyond a count", async () => {
      const { stream, events } = await written(5);
      const read = async (options: Parameters<EventStore["readStream"]>[1]) =>
        (await all(store.readStream(stream, options))).map(({ revision }) => Number(revision));
      expect(await read({})).toEqual([0, 1, 2, 3, 4]);
      expect(await read({ fromRevision: 1n, maxCount: 2 })).toEqual([1, 2]);
      expect(await read({ fromRevision: 5n })).toEqual([]);
      expect(await read({ direction: "backwards" })).toEqual([4, 3, 2, 1, 0]);
      expect(await read({ direction: "backwards", maxCount: 1 })).toEqual([4]);
      expect(await read({ direction: "backwards", fromRevision: 2n })).toEqual([2, 1, 0]);
      expect(await all(store.readStream(`${stream}x`, { direction: "backwards" }))).toEqual([]);
      expect((await all(store.readStream(stream))).map(({ id, data }) => ({ id, data }))).toEqual(
        events.map(({ id, data }) => ({ id, data })),
      );
    });

    test("the log is read forwards from a position on and backwards from before it, in the categories alone", async () => {
      const first = await written(2, "shelf");
      const other = await written(2, "account");
      const last = await written(2, "book");
      const places = async (options: Parameters<EventStore["readAll"]>[0]) =>
        (await all(store.readAll(options))).map(placeOf);
      const ours = { categories: ["shelf", "book"] } as const;
      const expected = [`1@${first.stream}`, `0@${last.stream}`, `1@${last.stream}`];
      expect(await places({ ...ours, fromPosition: first.position })).toEqual(expected);
      expect(await places({ ...ours, fromPosition: first.position, maxCount: 2 })).toEqual(expected.slice(0, 2));
      expect(await places({ fromPosition: other.position, maxCount: 1 })).toEqual([`1@${other.stream}`]);
      const backwards = { ...ours, direction: "backwards", maxCount: 3 } as const;
      expect(await places(backwards)).toEqual(expected.toReversed());
      expect(await places({ ...backwards, fromPosition: last.position, maxCount: 2 })).toEqual([
        `0@${last.stream}`,
        `1@${first.stream}`,
      ]);
      expect(await store.readLogAt(first.position)).toMatchObject({ position: first.position });
    });

    test("a read of what is essential gives all of an event, and the version of its metadata", async () => {
      const { position } = await written(2);
      const from = { fromPosition: position, maxCount: 1 };
      const [[event], [essential]] = [
        await all(store.readAll(from)),
        await all(store.readAll({ ...from, detail: "essential" })),
      ];
      const { metadata, ...rest } = event as RecordedEvent;
      expect(essential).toMatchObject(rest);
      expect(essential?.metadata.schemaVersion).toBe(metadata.schemaVersion);
    });

    test("a read from a position that is none is refused, and beyond the end it is empty", async () => {
      const { position } = await written(2);
      await written(1);
      await expect(all(store.readAll({ fromPosition: position + 1n }))).rejects.toThrow(InvalidPosition);
      expect(await store.readLogAt(position + 1n)).toBeUndefined();
      const end = (await store.readLogEnd()) ?? 0n;
      expect(await all(store.readAll({ fromPosition: end + 1_000_000n }))).toEqual([]);
    });

    test("a read whose signal is aborted ends without an error", async () => {
      const { stream } = await written(200);
      const aborting = new AbortController();
      const seen: bigint[] = [];
      for await (const { revision } of store.readStream(stream, { signal: aborting.signal })) {
        seen.push(revision);
        aborting.abort();
      }
      expect(seen).toEqual([0n]);
      expect(await all(store.readAll({ signal: aborting.signal }))).toEqual([]);
    });

    test("a subscription sends what a read returns, reports that it caught up, and continues", async () => {
      const { position } = await written(1);
      const { stream } = await written(3);
      const read = await all(store.readAll({ categories: ["shelf"], fromPosition: position }));
      const heard: RecordedEvent[] = [];
      const leave = new AbortController();
      const more = [newEvent({ more: 1 })];
      for await (const message of store.subscribe({ categories: ["shelf"], after: position, signal: leave.signal })) {
        if (message.kind === "event") heard.push(message.event);
        if (message.kind === "caughtUp") await store.append(stream, 2n, more);
        if (heard.at(-1)?.id === more[0]?.id) leave.abort();
      }
      expect(heard.slice(0, -1)).toEqual(read.slice(1));
      expect(heard.at(-1)).toMatchObject({ stream, revision: 3n, data: { more: 1 } });
    });

    test("a subscription passes more events of others than the store looks at in one go", async () => {
      const { position } = await written(1);
      const others = `account-${randomUUID()}`;
      for (let n = 0; n < 6; n++) {
        const events = Array.from({ length: 200 }, () => newEvent({}));
        await store.append(others, n === 0 ? "no_stream" : BigInt(n * 200 - 1), events);
      }
      const { stream } = await written(1);
      const leave = new AbortController();
      const heard: string[] = [];
      for await (const message of store.subscribe({ categories: ["shelf"], after: position, signal: leave.signal })) {
        if (message.kind === "event") heard.push(message.event.stream);
        if (message.kind === "caughtUp") leave.abort();
      }
      expect(heard).toEqual([stream]);
    });
  });
}

const placeOf = ({ stream, revision }: RecordedEvent) => `${revision}@${stream}`;

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
