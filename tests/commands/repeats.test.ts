import { beforeEach, describe, expect, test } from "vitest";
import { CommandRefused, IdempotencyKeyReused } from "../../src/commands/errors.ts";
import { rememberedCommands } from "../../src/commands/knownCommands.ts";
import { EventStoreUnavailable, OutcomeUnknown } from "../../src/event-store/errors.ts";
import {
  add,
  anyOutcome,
  dream,
  kingdoms,
  newContext,
  newProcess,
  remove,
  repeated,
  send,
  sendMove,
  shelf,
  west,
} from "./fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "./inMemoryEventStore.ts";

let store: InMemoryEventStore;
beforeEach(() => {
  store = inMemoryEventStore();
});

/** Sends five more commands: earlier ones are no longer among the remembered ones. */
async function sendOthers(process: ReturnType<typeof newProcess>) {
  for (let n = 0; n < 5; n++) await send(process, n % 2 === 0 ? add(kingdoms) : remove(kingdoms));
}

describe("a repeated command", () => {
  test("gets the first answer, from the cache, though the state has moved on", async () => {
    const process = newProcess(store);
    const context = newContext();
    const first = await send(process, add(dream), context);
    await send(process, remove(dream));
    store.reads.length = 0;
    expect(await send(process, add(dream), context)).toEqual(repeated(first));
    expect(store.log).toHaveLength(2);
    expect(store.reads).toEqual([]);
  });

  test("gets the first answer from a process that has just started", async () => {
    const context = newContext();
    const first = await send(newProcess(store), add(dream), context);
    await send(newProcess(store), remove(dream));
    expect(await send(newProcess(store), add(dream), context)).toEqual(repeated(first));
  });

  test("gets the first answer from a process with a stale cache that decides otherwise", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream));
    await send(there, add(west));
    const context = newContext();
    const first = await send(there, remove(dream), context);
    expect(await send(here, remove(dream), context)).toEqual(repeated(first));
    expect(store.log).toHaveLength(3);
  });

  test("gets the first answer where the stale cache says that nothing is to be done", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream));
    const context = newContext();
    await send(there, remove(dream));
    const first = await send(there, add(dream), context);
    expect(await send(here, add(dream), context)).toEqual(repeated(first));
  });

  test("that is not among the last is read from the log, all that it wrote", async () => {
    const process = newProcess(store);
    await sendMove(process, newContext());
    const context = newContext();
    const first = await sendMove(process, context);
    for (let n = 0; n < 4; n++) await sendMove(process, newContext());
    store.reads.length = 0;
    expect(await sendMove(process, context)).toEqual(repeated(first));
    expect(store.reads).toEqual([{ stream: shelf, fromRevision: 2n }]);
    expect(store.log).toHaveLength(12);
  });

  test("that is not among the last, and cannot be read yet, is waited for", async () => {
    const process = newProcess(store);
    await send(process, add(west));
    const context = newContext();
    store.tailDelayMs = 400;
    const first = await send(process, add(dream), context);
    await sendOthers(process);
    await send(process, remove(dream));
    store.reads.length = 0;
    expect(await send(process, add(dream), context)).toEqual(repeated(first));
    expect(store.reads.length).toBeGreaterThan(1);
    expect(store.log).toHaveLength(8);
  });

  test("that is not among the last fails when the log cannot be read: it may have been carried out", async () => {
    let isAway = false;
    const readStream: InMemoryEventStore["readStream"] = async function* (stream, range) {
      if (isAway) throw new EventStoreUnavailable("gone");
      yield* store.readStream(stream, range);
    };
    const process = newProcess({ append: store.append, readStream });
    const context = newContext();
    const first = await send(process, add(dream), context);
    await sendOthers(process);
    isAway = true;
    await expect(send(process, add(dream), context)).rejects.toThrow(EventStoreUnavailable);
    isAway = false;
    expect(await send(process, add(dream), context)).toEqual(repeated(first));
    expect(store.log).toHaveLength(6);
  });

  test("on a log that was replaced by a shorter one fails at first and is then decided anew", async () => {
    const process = newProcess(store);
    await send(process, add(west));
    const context = newContext();
    await send(process, add(dream), context);
    await sendOthers(process);
    store.log.splice(1);
    await expect(send(process, add(dream), context)).rejects.toThrow(OutcomeUnknown);
    expect(await send(process, add(dream), context)).toMatchObject({ revision: 1n, events: ["BookAddedToShelf"] });
  });

  test("is not taken for an older one whose id has the same fingerprint", async () => {
    const [one, other] = ["462789", "679192"].map((end) => newContext("x", `00000000-0000-4000-8000-000000${end}`));
    const process = newProcess(store);
    const first = await send(process, add(dream), one);
    await sendOthers(process);
    store.reads.length = 0;
    const second = await send(process, add(west), other);
    expect(second).toMatchObject({ revision: 6n, events: ["BookAddedToShelf"] });
    expect(store.reads).toHaveLength(1);
    expect(await send(process, add(dream), one)).toEqual(repeated(first));
    expect(await send(process, add(west), other)).toEqual(repeated(second));
    expect(store.log).toHaveLength(7);
  });

  test("is known among older ones of which another has the same fingerprint", async () => {
    const [one, other] = ["462789", "679192"].map((end) => newContext("x", `00000000-0000-4000-8000-000000${end}`));
    const process = newProcess(store);
    const first = await send(process, add(dream), one);
    const second = await send(process, add(west), other);
    await sendOthers(process);
    await send(process, remove(dream));
    expect(await send(process, add(dream), one)).toEqual(repeated(first));
    expect(await send(process, add(west), other)).toEqual(repeated(second));
    expect(store.log).toHaveLength(8);
  });

  test("in two processes at once is written once", async () => {
    store.latencyMs = 2;
    const context = newContext();
    const results = await Promise.all([1, 2, 3].map(() => send(newProcess(store), add(dream), context)));
    const [first, ...others] = results.map(anyOutcome);
    expect(others).toEqual([first, first]);
    expect(store.log).toHaveLength(1);
  });

  test("that wrote several events counts once and answers them all, live and after a restart", async () => {
    const context = newContext();
    const first = await sendMove(newProcess(store), context);
    expect(first).toMatchObject({ revision: 1n, position: 100n, events: ["BookAddedToShelf", "BookRemovedFromShelf"] });
    await send(newProcess(store), add(kingdoms));
    expect(await sendMove(newProcess(store), context)).toEqual(repeated(first));
    expect(store.log).toHaveLength(3);
  });

  test("that wrote nothing is decided anew", async () => {
    const process = newProcess(store);
    const context = newContext();
    expect(await send(process, remove(dream), context)).toMatchObject({ events: [] });
    await send(process, add(dream));
    expect(await send(process, remove(dream), context)).toMatchObject({ events: ["BookRemovedFromShelf"] });
  });

  test("whose first try comes after the answer to its second, which had nothing to do, writes on a shelf that has changed", async () => {
    const process = newProcess(store);
    await send(process, add(dream));
    // The client abandons this attempt while it is in the network, and sends another with the same key.
    const context = newContext();
    const firstTry = () => send(process, add(dream), context);
    expect(await send(process, add(dream), context)).toMatchObject({ events: [], position: 0n });
    await send(process, remove(dream));
    // docs/api.md: a command that wrote nothing is decided again at each attempt; once it has written, it is remembered.
    const late = await firstTry();
    expect(late).toMatchObject({ events: ["BookAddedToShelf"], position: 200n });
    await send(process, remove(dream));
    expect(await send(process, add(dream), context)).toEqual(repeated(late));
    expect(store.log.map(({ metadata }) => (metadata as { commandId: string }).commandId)[2]).toBe(context.commandId);
    expect(store.log).toHaveLength(4);
  });

  test("whose first try comes after its second was refused writes when nothing refuses it any more", async () => {
    const process = newProcess(store);
    await send(process, add(west));
    const context = newContext();
    await expect(send(process, add(dream, 1), context)).rejects.toThrow(CommandRefused);
    await send(process, remove(west));
    expect(await send(process, add(dream, 1), context)).toMatchObject({ events: ["BookAddedToShelf"] });
  });

  test(`is known among the last ${rememberedCommands} and decided anew after them`, async () => {
    const process = newProcess(store);
    const context = newContext();
    const first = await send(process, add(dream), context);
    await send(process, remove(dream));
    for (let n = 0; n < rememberedCommands - 2; n++) await send(process, n % 2 === 0 ? add(west) : remove(west));
    expect(await send(process, add(dream), context)).toEqual(repeated(first));
    expect(await send(newProcess(store), add(dream), context)).toEqual(repeated(first));
    await send(process, add(kingdoms));
    const anew = { revision: BigInt(rememberedCommands + 1), events: ["BookAddedToShelf"] };
    expect(await send(newProcess(store), add(dream), context)).toMatchObject(anew);
    expect(await send(process, add(dream), context)).toMatchObject(anew);
  });
});

describe("an Idempotency-Key with another request", () => {
  const context = newContext("PUT /v1/shelf/a");
  const misused = newContext("PUT /v1/shelf/b", context.commandId);

  test("is refused by the process that knows it", async () => {
    const process = newProcess(store);
    await send(process, add(dream), context);
    await expect(send(process, add(west), misused)).rejects.toThrow(IdempotencyKeyReused);
  });

  test("is refused also when the command that it was used for is not among the last", async () => {
    const process = newProcess(store);
    await send(process, add(dream), context);
    await sendOthers(process);
    await expect(send(process, add(west), misused)).rejects.toThrow(IdempotencyKeyReused);
    expect(store.log).toHaveLength(6);
  });

  test("is refused after a restart", async () => {
    await send(newProcess(store), add(dream), context);
    await expect(send(newProcess(store), add(west), misused)).rejects.toThrow(IdempotencyKeyReused);
  });

  test.each([
    ["write something", add(west)],
    ["write the same event", add(dream)],
    ["do nothing", remove(west)],
    ["refuse", add(west, 0)],
  ])("is refused by a process whose stale cache would %s", async (_what, command) => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, remove(dream));
    await send(there, add(dream), context);
    await expect(send(here, command, misused)).rejects.toThrow(IdempotencyKeyReused);
    expect(store.log).toHaveLength(1);
  });
});

describe("an append whose outcome is unknown", () => {
  test.each([["lost"], ["unanswered"]] as const)("is repeated byte by byte and found (%s)", async (fault) => {
    const process = newProcess(store);
    await send(process, add(dream));
    store.appends.length = 0;
    store.faults = [fault, fault];
    expect(await send(process, add(west))).toMatchObject({ revision: 1n, events: ["BookAddedToShelf"] });
    expect(store.appends).toHaveLength(3);
    expect(store.appends[1]).toEqual(store.appends[0]);
    expect(store.appends[2]).toEqual(store.appends[0]);
    expect(store.log).toHaveLength(2);
  });

  test("that stays unknown is said to be, and the stream is read anew", async () => {
    const process = newProcess(store);
    await send(process, add(dream));
    store.faults = ["unanswered", "lost", "lost", "lost"];
    const context = newContext();
    await expect(send(process, add(west), context)).rejects.toThrow(OutcomeUnknown);
    store.reads.length = 0;
    expect(await send(process, add(west), context)).toMatchObject({ revision: 1n, events: ["BookAddedToShelf"] });
    expect(store.reads).toEqual([{ stream: shelf, fromRevision: 0n }]);
    expect(store.log).toHaveLength(2);
  });

  test("that stays unknown fails the commands that wait for it, which were not sent", async () => {
    const process = newProcess(store);
    store.faults = ["lost", "lost", "lost", "lost"];
    const results = await Promise.allSettled([add(dream), add(west), add(kingdoms)].map((one) => send(process, one)));
    const reasons = results.map((result) => result.status === "rejected" && result.reason.name);
    expect(reasons).toEqual(["OutcomeUnknown", "EventStoreUnavailable", "EventStoreUnavailable"]);
    expect(store.appends).toHaveLength(4);
    expect(await send(process, add(west))).toMatchObject({ revision: 0n, events: ["BookAddedToShelf"] });
  });

  test("and was lost while another process wrote is decided anew", async () => {
    const [here, there] = [newProcess(store), newProcess(store)];
    await send(here, add(dream));
    store.faults = ["lost"];
    const [ours, theirs] = await Promise.all([send(here, add(west)), send(there, remove(dream))]);
    expect(theirs).toMatchObject({ revision: 1n });
    expect(ours).toMatchObject({ revision: 2n, events: ["BookAddedToShelf"] });
    expect(store.log).toHaveLength(3);
  });
});
