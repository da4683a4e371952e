import { EventStoreDBClient, jsonEvent } from "@eventstore/db-client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeBatchChunk } from "../../embedded/eventstore/wire/batch-append.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { AppendTooLarge, OutcomeUnknown, StreamDeleted, WrongExpectedRevision } from "../../src/event-store/errors.ts";
import type { EventStore } from "../../src/event-store/types.ts";
import { encodeAppend } from "../../src/event-store/wire/appendRequest.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { type Arrived, startBatchServer } from "./batchServer.ts";
import { event } from "./events.ts";

let answer: (arrived: Arrived) => void;
let server: Awaited<ReturnType<typeof startBatchServer>>;
let store: EventStore;

beforeEach(async () => {
  answer = (arrived) => arrived.succeed(0n, 100n);
  server = await startBatchServer((arrived) => answer(arrived));
  store = connectEventStore({ url: server.url, logger: createLogger("test", "silent") });
});
afterEach(async () => {
  await store.close();
  server.stop();
});

const append = () => store.append("shelf-1", "no_stream", [event]);

/**
 * A request without the timestamp that the official client sends as its deadline; ours is a duration, which that client does not
 * support.
 */
function withoutDeadline(request: unknown): unknown {
  const { options, ...rest } = request as { options: { deadline?: { seconds: number } } };
  return { ...rest, options: { ...options, deadline: undefined } };
}

describe("a batch append", () => {
  test("answers revision and position beyond what a Number holds", async () => {
    answer = (arrived) => arrived.succeed(2n ** 53n + 1n, 2n ** 62n + 1n);
    expect(await append()).toEqual({ revision: 2n ** 53n + 1n, position: 2n ** 62n + 1n });
    expect(server.calls.size).toBe(1);
  });

  test("that conflicts names the present revision", async () => {
    answer = (arrived) =>
      arrived.fail("WrongExpectedVersion", (detail: { setCurrentStreamRevision(revision: string): void }) =>
        detail.setCurrentStreamRevision("41"),
      );
    await expect(append()).rejects.toMatchObject({ name: "WrongExpectedRevision", actual: 41n });
    answer = (arrived) => arrived.fail("WrongExpectedVersion");
    await expect(append()).rejects.toMatchObject({ name: "WrongExpectedRevision", actual: "no_stream" });
    await expect(append()).rejects.toThrow(WrongExpectedRevision);
  });

  test.each([
    ["StreamDeleted", StreamDeleted],
    ["MaximumAppendSizeExceeded", AppendTooLarge],
    ["MaximumAppendEventSizeExceeded", AppendTooLarge],
    ["BadRequest", /refused.*invalid-argument/],
    ["Timeout", OutcomeUnknown],
    ["Unknown", OutcomeUnknown],
    ["AccessDenied", /refused.*access-denied/],
  ] as const)("answered by %s rejects with an error of ours", async (name, expected) => {
    answer = (arrived) => arrived.fail(name);
    await expect(append()).rejects.toThrow(expected);
  });

  test("refused as a bad request says what the server finds bad", async () => {
    answer = (arrived) =>
      arrived.fail("BadRequest", (detail: { setMessage(message: string): void }) => detail.setMessage("no such type"));
    await expect(append()).rejects.toThrow(/refused.*invalid-argument: no such type/);
  });

  test("that the server does not handle has an unknown outcome", async () => {
    answer = (arrived) => arrived.turnAway("Server Is Not Ready");
    await expect(append()).rejects.toThrow(OutcomeUnknown);
    await expect(append()).rejects.toThrow("Server Is Not Ready");
  });

  test("on a stream that breaks has an unknown outcome, and the next one goes over a new stream", async () => {
    const arrivals: Arrived[] = [];
    answer = (arrived) => {
      arrivals.push(arrived);
      if (arrivals.length === 3)
        arrived.call.emit("error", Object.assign(new Error("broken"), { code: 14, details: "broken" }));
    };
    const settled = await Promise.allSettled([append(), append(), append()]);
    for (const result of settled) {
      expect(result).toMatchObject({ status: "rejected", reason: expect.any(OutcomeUnknown) });
    }
    answer = (arrived) => arrived.succeed(7n, 700n);
    expect(await append()).toEqual({ revision: 7n, position: 700n });
    expect(server.calls.size).toBe(2);
  });

  test.each([
    [5, "not found"],
    [7, "permission denied"],
    [8, "resource exhausted"],
    [12, "unimplemented"],
    [16, "unauthenticated"],
  ])(
    "on a stream that ends with status %i (%s) has an unknown outcome: nothing was said of it",
    async (code, details) => {
      answer = ({ call }) => call.emit("error", Object.assign(new Error(details), { code, details }));
      await expect(append()).rejects.toThrow(OutcomeUnknown);
      answer = (arrived) => arrived.succeed(7n, 700n);
      expect(await append()).toEqual({ revision: 7n, position: 700n });
    },
  );

  test("beyond what may be in flight is sent when others are answered", async () => {
    const arrivals: Arrived[] = [];
    answer = (arrived) => void arrivals.push(arrived);
    const large = { ...event, data: { text: "x".repeat(300_000) } };
    const appended = Promise.all(Array.from({ length: 30 }, () => store.append("shelf-1", "no_stream", [large])));
    await expect.poll(() => arrivals.length).toBe(27);
    for (const arrived of arrivals) arrived.succeed(0n, 100n);
    answer = (arrived) => arrived.succeed(1n, 200n);
    expect((await appended).map(({ revision }) => revision)).toEqual([...Array(27).fill(0n), ...Array(3).fill(1n)]);
  });

  test("says how long the server may take, not until when: their clocks may differ", () => {
    const { messages } = encodeAppend("shelf-1", "no_stream", [event], { most: 1, least: 2 }, 5_000);
    const now = 1_000_000;
    expect(decodeBatchChunk(messages[0]!, now).options?.deadline).toBe(now + 5_000);
    expect(decodeBatchChunk(messages[0]!, 2 * now).options?.deadline).toBe(2 * now + 5_000);
  });

  test("is possible again after the server once failed to name its features", async () => {
    server.failing.features = 1;
    await expect(append()).rejects.toThrow(OutcomeUnknown);
    expect(await append()).toEqual({ revision: 0n, position: 100n });
  });

  test("that is not answered in time has an unknown outcome; its late answer does no harm", async () => {
    const late = new Promise<Arrived>((resolve) => {
      answer = resolve;
    });
    await expect(append()).rejects.toThrow(OutcomeUnknown);
    answer = (arrived) => arrived.succeed(7n, 700n);
    (await late).fail("Timeout");
    expect(await append()).toEqual({ revision: 7n, position: 700n });
  });

  test("answered twice is settled once, and the next one is answered", async () => {
    answer = (arrived) => {
      arrived.succeed(0n, 100n);
      arrived.fail("Timeout");
      arrived.succeed(1n, 200n);
    };
    expect(await append()).toEqual({ revision: 0n, position: 100n });
    answer = (arrived) => arrived.succeed(7n, 700n);
    // The answers of one stream come in order: the repeats were processed before this one.
    expect(await append()).toEqual({ revision: 7n, position: 700n });
    expect(server.calls.size).toBe(1);
  });

  test("with others of the same turn goes out in one write, and each is answered", async () => {
    const arrivals: Arrived[] = [];
    answer = (arrived) => {
      arrivals.push(arrived);
      if (arrivals.length < 40) return;
      for (const [index, each] of arrivals.toReversed().entries()) each.succeed(BigInt(39 - index), BigInt(39 - index));
    };
    const appended = await Promise.all(Array.from({ length: 40 }, append));
    expect(appended.map(({ revision }) => revision)).toEqual(Array.from({ length: 40 }, (_, n) => BigInt(n)));
    expect(server.calls.size).toBe(1);
  });

  test("of more than a message holds arrives in several, in order, with the options in the first", async () => {
    const requests: { events: number; options: boolean; final: boolean }[] = [];
    answer = ({ request, succeed }) => {
      const final = request.getIsFinal();
      requests.push({ events: request.getProposedMessagesList().length, options: request.hasOptions(), final });
      if (final) succeed(4n, 400n);
    };
    const large = { ...event, data: { text: "x".repeat(1_500_000) } };
    expect(await store.append("shelf-1", "no_stream", Array(5).fill(large))).toMatchObject({ revision: 4n });
    expect(requests).toEqual([
      { events: 2, options: true, final: false },
      { events: 2, options: false, final: false },
      { events: 1, options: false, final: true },
    ]);
  });

  test("has its call cancelled when the store is closed: the server would not end it", async () => {
    await append();
    await store.close();
    const [call] = [...server.calls];
    await expect.poll(() => call!.cancelled).toBe(true);
    expect(server.halfClosed.size).toBe(0);
  });

  test("is what the official client writes", async () => {
    const requests: unknown[] = [];
    answer = ({ request, succeed }) => {
      requests.push({ ...request.toObject(), correlationId: undefined });
      succeed(0n, 100n);
    };
    const client = EventStoreDBClient.connectionString(server.url);
    const text = { name: "紅樓夢😀", nothing: null, many: Array(200).fill(1) };
    for (const expected of ["no_stream", 2n ** 62n + 3n] as const) {
      await store.append("shelf-紅", expected, [{ ...event, data: text }, event]);
      const toClient = (data: object) =>
        jsonEvent({ id: event.id, type: event.type, data: data as never, metadata: event.metadata });
      await client.appendToStream("shelf-紅", [toClient(text), toClient({})], { expectedRevision: expected });
      const [ours, theirs] = requests.splice(0).map(withoutDeadline);
      expect(ours).toEqual(theirs);
    }
    await client.dispose();
  });
});
