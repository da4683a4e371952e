import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandContext, CommandResult } from "../../src/commands/types.ts";
import type { ShelfCommand } from "../../src/domain/shelf/decider.ts";
import { shelfStream } from "../../src/domain/shelf/stream.ts";
import { streamName } from "../../src/domain/streams.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { EventStoreUnavailable, OutcomeUnknown } from "../../src/event-store/errors.ts";
import type { EventStore, RecordedEvent } from "../../src/event-store/types.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { until } from "../support/waiting.ts";
import { add, bookOf, newContext, newProcess, remove, repeated } from "./fixtures.ts";

let server: Awaited<ReturnType<typeof freshEventStore>>;
let store: EventStore;
beforeAll(async () => {
  server = await freshEventStore("the server is killed");
  store = connectEventStore({ url: server.url, logger: createLogger("test", "silent") });
});
afterAll(async () => {
  await store?.close();
  await server?.stop();
});

const books = ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"];
const readers = Array.from({ length: 5 }, () => randomUUID());

test("two caches over one event store, killed meanwhile, write each acknowledged command once", async () => {
  const processes = [newProcess(store), newProcess(store)];
  const acknowledged: { reader: string; command: ShelfCommand; context: CommandContext; result: CommandResult }[] = [];
  let stopping = false;
  const client = async (n: number) => {
    while (!stopping) {
      const reader = readers[Math.floor(Math.random() * readers.length)]!;
      const bookId = books[Math.floor(Math.random() * books.length)]!;
      const command = Math.random() < 0.5 ? add(bookId) : remove(bookId);
      const context = newContext();
      const result = await repeat(() => processes[n % 2]!(shelfStream, reader, command, context));
      acknowledged.push({ reader, command, context, result });
    }
  };
  const clients = [0, 1, 2, 3, 4, 5].map(client);
  const written = () => acknowledged.filter(({ result }) => result.events.length > 0);
  await until("commands are written", () => written().length >= 30);
  await server.kill();
  await server.restart();
  const before = written().length;
  await until("commands are written again", () => written().length >= before + 30);
  stopping = true;
  await Promise.all(clients);

  const stored = new Map<string, RecordedEvent>();
  let events = 0;
  for (const reader of readers) {
    for await (const event of store.readStream(streamName("shelf", reader))) {
      stored.set(event.metadata.commandId, event);
      events += 1;
    }
  }
  expect(stored.size).toBe(events);
  expect(written().length).toBe(events);
  for (const { reader, command, context, result } of written()) {
    const { revision, position, type } = stored.get(context.commandId)!;
    expect(result).toMatchObject({ revision, position, events: [type] });
    expect(stored.get(context.commandId)).toMatchObject({
      stream: streamName("shelf", reader),
      data: { bookId: bookOf(command) },
    });
  }
  const restarted = newProcess(store);
  for (const { reader, command, context, result } of written().slice(-20)) {
    const again = await restarted(shelfStream, reader, command, context);
    expect(again).toEqual(repeated(result));
  }
});

/** Retries like a client after a 503: the same command with the same key, until it is answered. */
async function repeat(send: () => Promise<CommandResult>): Promise<CommandResult> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof OutcomeUnknown || error instanceof EventStoreUnavailable)) throw error;
      await pause(30);
    }
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
