import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createKeywordRecorder, type KeywordOutcome, type Search } from "../../src/commands/keywords/recordKeywords.ts";
import { SaltMissing, type VisitorOf } from "../../src/commands/keywords/visitors.ts";
import { searchStream } from "../../src/domain/keywords/stream.ts";
import { EventStoreUnavailable, StreamDeleted } from "../../src/event-store/errors.ts";
import type { EventStore } from "../../src/event-store/types.ts";
import type { IncomingRequest } from "../../src/http/endpoint.ts";
import { recordingKeywords } from "../../src/http/keywords/recordKeyword.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { newContext, newProcess, reader } from "./fixtures.ts";
import { inMemoryEventStore } from "./inMemoryEventStore.ts";

const visitor = "v".repeat(22);
const readers = Array.from({ length: 8 }, () => randomUUID());
const at = new Date("2026-03-01T23:59:59Z");

type More = { readonly atOnce?: number; readonly maxWaiting?: number; readonly visitorOf?: VisitorOf };

function recording(eventStore: Pick<EventStore, "append">, more: More = {}) {
  const outcomes: KeywordOutcome[] = [];
  const recorder = createKeywordRecorder({
    eventStore,
    visitorOf: async () => visitor,
    logger: createLogger("test", "silent"),
    now: () => at,
    gatherMs: 0,
    ...more,
    count: (outcome) => outcomes.push(outcome),
  });
  const record = (keyword: string, search: Partial<Search> = {}) =>
    recorder.record({ keyword, readerId: reader, address: "192.0.2.1", correlationId: "request 1", ...search });
  return { record, outcomes, close: recorder.close };
}

describe("a search", () => {
  test("is appended as typed to the reader's stream, or with a hash of the address to that of the day", async () => {
    const store = inMemoryEventStore();
    const { record, outcomes, close } = recording(store);
    record(" 《红楼梦》 ", { results: 3 });
    record("西游记", { readerId: undefined });
    await close();
    expect(outcomes).toEqual(["recorded", "recorded"]);
    expect(store.appends.map(({ expected }) => expected)).toEqual(["any", "any"]);
    expect(store.log).toMatchObject([
      {
        stream: `search-${reader}`,
        type: "KeywordSearched",
        data: { keyword: "《红楼梦》", results: 3, searchedAt: at.toISOString() },
        metadata: { correlationId: "request 1", schemaVersion: 2 },
      },
      { stream: "search-anonymous-2026-03-01", data: { keyword: "西游记", visitor } },
    ]);
    expect(JSON.stringify(store.log.map(({ data, metadata }) => [data, metadata]))).not.toContain("192.0.2.1");
    expect(store.log[0]?.data).not.toHaveProperty("visitor");
  });

  test("is left out if it is no keyword", async () => {
    const store = inMemoryEventStore();
    const { record, outcomes, close } = recording(store);
    for (const keyword of ["", "  ", "x".repeat(51), "a\nb", "\u{1d159}"]) record(keyword);
    await close();
    record("红楼梦");
    expect(outcomes).toEqual(Array.from({ length: 6 }, () => "left_out"));
    expect(store.log).toEqual([]);
  });

  test("does not hinder the commands of its stream, nor they it", async () => {
    const store = inMemoryEventStore();
    const { record, outcomes, close } = recording(store);
    const process = newProcess(store);
    const forget = (keyword: string) =>
      process(searchStream, reader, { type: "ForgetKeyword", keyword }, newContext(keyword));
    record("红楼梦");
    await expect.poll(() => outcomes).toEqual(["recorded"]);
    expect((await forget("红楼梦")).events).toEqual(["KeywordForgotten"]);
    record("红楼梦");
    record("西游记");
    await close();
    expect((await forget("西游记")).events).toEqual(["KeywordForgotten"]);
    expect((await forget("西游记")).events).toEqual([]);
    expect(outcomes).toEqual(["recorded", "recorded", "recorded"]);
  });
});

test("of a request are recorded who asked, and how many books matched, and of HEAD nothing", () => {
  const searches: Search[] = [];
  const recordKeyword = recordingKeywords({ record: (search) => searches.push(search) });
  const incoming = { requestId: "request 1", isHead: false, address: () => "::ffff:192.0.2.1" };
  recordKeyword({ ...incoming, readerId: reader } as IncomingRequest, "红楼梦", 2);
  recordKeyword({ ...incoming, readerId: undefined } as IncomingRequest, "西游记");
  recordKeyword({ ...incoming, isHead: true, readerId: reader } as IncomingRequest, "水浒传", 1);
  expect(searches).toMatchObject([
    { keyword: "红楼梦", results: 2, readerId: reader, correlationId: "request 1" },
    { keyword: "西游记", results: undefined, readerId: undefined, address: "192.0.2.1" },
  ]);
});

describe("searches of one moment", () => {
  test("are one append for each stream, in their order, each with its own id", async () => {
    const store = inMemoryEventStore();
    const { record, outcomes, close } = recording(store);
    record("一", { readerId: undefined });
    record("二");
    record("三", { readerId: undefined });
    record("四", { readerId: undefined });
    await close();
    expect(outcomes).toEqual(["recorded", "recorded", "recorded", "recorded"]);
    const appended = store.appends.map(({ stream, events }) => [stream, events.map(({ data }) => data)] as const);
    expect(Object.fromEntries(appended)).toMatchObject({
      "search-anonymous-2026-03-01": [{ keyword: "一" }, { keyword: "三" }, { keyword: "四" }],
      [`search-${reader}`]: [{ keyword: "二" }],
    });
    expect(appended).toHaveLength(2);
    expect(new Set(store.log.map(({ id }) => id)).size).toBe(4);
  });

  test("are at most a hundred in one append", async () => {
    const store = inMemoryEventStore();
    const { record, close } = recording(store);
    for (let n = 0; n < 250; n++) record(`${n}`);
    await close();
    expect(store.appends.map(({ events }) => events.length)).toEqual([100, 100, 50]);
  });

  test("of which one has no pseudonym are recorded without that one", async () => {
    const store = inMemoryEventStore();
    let asked = 0;
    const visitorOf = async () => {
      if (asked++ === 0) throw new SaltMissing("the day is over");
      return visitor;
    };
    const { record, outcomes, close } = recording(store, { visitorOf });
    record("一", { readerId: undefined });
    record("二", { readerId: undefined });
    await close();
    expect(outcomes.toSorted()).toEqual(["failed", "recorded"]);
    expect(store.log.map(({ data }) => data)).toMatchObject([{ keyword: "二", visitor }]);
  });
});

describe("a log that", () => {
  test("is away or has the reader erased costs the search, which is sent once", async () => {
    let sent = 0;
    const errors = [new EventStoreUnavailable("away"), new StreamDeleted("erased"), new SaltMissing("the day is over")];
    const failing = {
      append: async () => {
        sent++;
        throw errors[sent - 1];
      },
    };
    const { record, outcomes, close } = recording(failing);
    for (const readerId of readers.slice(0, 3)) record("一", { readerId });
    await close();
    expect(outcomes).toEqual(["failed", "failed", "failed"]);
    expect(sent).toBe(3);
  });

  test("does not answer fills a queue, and what comes then is dropped at once", async () => {
    const answers: (() => void)[] = [];
    const append = () =>
      new Promise<{ revision: bigint; position: bigint }>((resolve) => {
        answers.push(() => resolve({ revision: 0n, position: 0n }));
      });
    const { record, outcomes, close } = recording({ append }, { atOnce: 2, maxWaiting: 3 });
    for (const readerId of readers.slice(0, 3)) record("一", { readerId });
    await expect.poll(() => answers).toHaveLength(2);
    for (const readerId of readers.slice(3)) record("一", { readerId });
    expect(outcomes).toEqual(["dropped", "dropped", "dropped"]);
    const closed = close();
    for (let n = 0; n < 5; n++) {
      answers.shift()?.();
      await turn();
    }
    await closed;
    expect(outcomes.filter((outcome) => outcome === "recorded")).toHaveLength(5);
  });
});
