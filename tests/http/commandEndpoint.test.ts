import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { requestHash } from "../../src/commands/commandHash.ts";
import {
  CommandRefused,
  EventStoreUnavailable,
  IdempotencyKeyReused,
  OutcomeUnknown,
  StreamBusy,
} from "../../src/commands/errors.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../../src/commands/types.ts";
import { nameOf } from "../../src/domain/streamNames.ts";
import { shelfEndpoints } from "../../src/http/shelf/endpoints.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import { json, readerId, startApi } from "./startApi.ts";

const book = "abcdefghij01";
const key = "3f6c8d3e-5a52-4f0e-9d6b-0b1f6f6f2a11";

const written: CommandResult = {
  outcome: "appended",
  position: 2n ** 60n,
  revision: 3n,
  events: ["BookAddedToShelf"],
  consistencyToken: "t",
};
let sent: { stream: string; command: unknown; context: CommandContext }[] = [];
let answer: () => CommandResult = () => written;
const handleCommand: HandleCommand = async (stream, id, command, context, options) => {
  await options?.precondition?.();
  sent.push({ stream: nameOf(stream, id), command, context });
  return answer();
};

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  const commands = { handleCommand, bookExists: async (id: string) => id === book, capacity: 7 };
  api = await startApi(shelfEndpoints(commands, {} as Pool));
});
afterAll(() => api.close());
beforeEach(() => {
  sent = [];
  answer = () => written;
});

describe("a command", () => {
  test("runs for the reader of the token and answers what was written, the position as a string", async () => {
    const response = await api.fetch(`/v1/shelf/${book}`, { method: "PUT" });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      position: "1152921504606846976",
      revision: 3,
      events: ["BookAddedToShelf"],
    });
    expect(response.headers.get("consistency-token")).toBe("t");
    expect(sent.map(({ stream, command }) => ({ stream, command }))).toEqual([
      { stream: `shelf-${readerId}`, command: { type: "AddBookToShelf", bookId: book, capacity: 7 } },
    ]);
  });

  test("that changed nothing on an empty stream answers nulls and no Consistency-Token", async () => {
    answer = () => ({ outcome: "unchanged", position: null, revision: null, events: [], consistencyToken: null });
    const response = await api.fetch(`/v1/shelf/${book}`, { method: "DELETE" });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ position: null, revision: null, events: [] });
    expect(response.headers.has("consistency-token")).toBe(false);
  });

  test("carries the request's id, the API's time and a valid traceparent to its events", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const before = new Date().toISOString();
    await api.fetch(`/v1/shelf/${book}`, { method: "PUT", headers: { "x-request-id": "walk-1", traceparent } });
    await api.fetch(`/v1/shelf/${book}`, { method: "PUT", headers: { traceparent: "<script>" } });

    const [first, second] = sent.map(({ context }) => context);
    expect(first).toMatchObject({ correlationId: "walk-1", traceparent });
    expect(first!.occurredAt >= before && first!.occurredAt <= new Date().toISOString()).toBe(true);
    expect(second?.traceparent).toBeUndefined();
  });
});

describe("the Idempotency-Key", () => {
  test("is the command's id and is echoed", async () => {
    const response = await api.fetch(`/v1/shelf/${book}`, { method: "PUT", headers: { "idempotency-key": key } });
    expect(response.headers.get("idempotency-key")).toBe(key);
    expect(sent[0]?.context.commandId).toBe(key);
  });

  test("is the same key in capitals", async () => {
    await api.fetch(`/v1/shelf/${book}`, { method: "PUT", headers: { "idempotency-key": key.toUpperCase() } });
    expect(sent[0]?.context.commandId).toBe(key);
  });

  test("is made by the server when absent, another one each time, and echoed", async () => {
    const responses = [
      await api.fetch(`/v1/shelf/${book}`, { method: "PUT" }),
      await api.fetch(`/v1/shelf/${book}`, { method: "PUT" }),
    ];
    const echoed = responses.map((response) => response.headers.get("idempotency-key"));
    expect(echoed).toEqual(sent.map(({ context }) => context.commandId));
    expect(new Set(echoed).size).toBe(2);
  });

  test("goes with a hash of method, path and body, the same for no body, an empty one and an escaped path", async () => {
    await api.fetch(`/v1/shelf/${book}`, { method: "PUT" });
    await api.fetch(`/v1/shelf/${book}`, { method: "PUT", ...json({}) });
    await api.fetch(`/v1/shelf/%61${book.slice(1)}`, { method: "PUT" });
    await api.fetch(`/v1/shelf/${book}`, { method: "DELETE" });

    const put = requestHash("PUT", `/v1/shelf/${book}`, {});
    const remove = requestHash("DELETE", `/v1/shelf/${book}`, {});
    expect(sent.map(({ context }) => context.requestHash?.())).toEqual([put, put, put, remove]);
    expect(put).not.toBe(remove);
  });

  test("goes with what was sent, parsed, and with nothing that the server adds", async () => {
    await api.fetch(`/v1/shelf/%61${book.slice(1)}`, { method: "PUT", ...json({ group: null }) });
    await api.fetch("/v1/shelf/groups/night", { method: "PUT", ...json({ name: "　夜读 " }) });
    await api.fetch(`/v1/shelf/${book}`, { method: "DELETE" });
    await api.fetch("/v1/shelf/remove", { method: "POST", ...json({ bookIds: [book] }) });
    expect(sent.map(({ context }) => context.sent)).toEqual([
      { bookId: book, group: null },
      { group: "night", name: "夜读" },
      { bookIds: [book] },
      { bookIds: [book] },
    ]);
  });
});

describe("a command that fails", () => {
  const failing = async (error: Error) => {
    answer = () => {
      throw error;
    };
    const response = await api.fetch(`/v1/shelf/${book}`, { method: "PUT" });
    return { response, problem: (await response.json()) as Record<string, unknown> };
  };

  test.each([
    [new CommandRefused("shelf_full", "The shelf holds 7 books; remove one first."), 409, "shelf_full"],
    [new IdempotencyKeyReused("again"), 422, "idempotency_key_reused"],
    [new OutcomeUnknown("no answer"), 503, "outcome_unknown"],
    [new StreamBusy("others"), 503, "stream_busy"],
    [new EventStoreUnavailable("away"), 503, "dependency_unavailable"],
  ])("with %s is answered with its problem", async (error, status, code) => {
    const { response, problem } = await failing(error);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(response.headers.has("retry-after")).toBe(status === 503);
    expect(problem).toMatchObject({ status, code });
    expect(Object.keys(problem).sort()).toEqual(["code", "detail", "instance", "status", "title", "type"]);
  });

  test("with an unexpected error is a 500 that does not reveal it", async () => {
    const { response, problem } = await failing(new TypeError("secret internals"));
    expect(response.status).toBe(500);
    expect(problem.code).toBe("internal_error");
    expect(JSON.stringify(problem)).not.toContain("internals");
  });

  test("for a book that the library does not have is 404 and sends nothing", async () => {
    const response = await api.fetch("/v1/shelf/zzzzzzzzzzzz", { method: "PUT" });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "book_not_found" });
    expect(sent).toEqual([]);
  });
});
