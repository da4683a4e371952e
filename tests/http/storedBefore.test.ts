import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EventToAppend } from "../../src/event-store/types.ts";
import { shelfEndpoints } from "../../src/http/shelf/endpoints.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import { newProcess } from "../commands/fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "../commands/inMemoryEventStore.ts";
import { json, readerId, startApi } from "./startApi.ts";

// A shelf as the last release wrote it, which identified a command by the method, the path and the body of its request.

type Stored = {
  readonly request: readonly [method: string, path: string, body?: unknown];
  readonly key: string;
  readonly events: readonly EventToAppend[];
};
const stored = JSON.parse(
  readFileSync(new URL("../fixtures/shelfBeforeCommandHashes.json", import.meta.url), "utf8"),
) as readonly Stored[];

let store: InMemoryEventStore;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  store = inMemoryEventStore();
  for (const { events } of stored) {
    const last = store.eventsOf(`shelf-${readerId}`).at(-1);
    await store.append(`shelf-${readerId}`, last?.revision ?? "no_stream", events);
  }
  const commands = { handleCommand: newProcess(store), bookExists: async () => true, capacity: 100 };
  api = await startApi(shelfEndpoints(commands, {} as Pool));
});
afterAll(() => api.close());

async function send([method, path, body]: Stored["request"], key: string) {
  const { headers, ...rest } = body === undefined ? { headers: {} } : json(body);
  const answer = await api.fetch(path, { method, ...rest, headers: { ...headers, "idempotency-key": key } });
  return {
    status: answer.status,
    body: (await answer.json()) as { revision: number; events: string[]; code?: string },
  };
}

test("each of its commands, repeated, is answered as it was, and writes nothing", async () => {
  const before = [...store.log];
  let revision = -1;
  for (const { request, key, events } of stored) {
    revision += events.length;
    const { status, body } = await send(request, key);
    expect({ status, body }).toMatchObject({ status: 200, body: { revision, events: events.map(({ type }) => type) } });
  }
  expect(store.log).toEqual(before);
});

test("a key of them with another body, path or method is still refused", async () => {
  for (const { key } of stored) {
    const { status, body } = await send(["PUT", "/v1/shelf/groups/another", { name: "别的" }], key);
    expect([status, body.code]).toEqual([422, "idempotency_key_reused"]);
  }
});

test("what is written now is known by the command, on whatever way it comes", async () => {
  const key = "0190a5d0-0000-7000-8000-00000000ffff";
  const first = await send(["DELETE", "/v1/shelf/hongloumeng0"], key);
  expect(first.body.events).toEqual(["BookRemovedFromShelf"]);
  expect(store.log.at(-1)?.metadata.commandHash).toMatch(/^2:/);
  expect(await send(["POST", "/v1/shelf/remove", { bookIds: ["hongloumeng0"] }], key)).toEqual(first);
  expect((await send(["POST", "/v1/shelf/remove", { bookIds: ["xiyouji00000"] }], key)).status).toBe(422);
});
