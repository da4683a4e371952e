import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../embedded/freePort.ts";
import { startNodeChild } from "../../embedded/nodeChild.ts";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";

let dataDir: string;
let stack: Stack;
let books: readonly string[];
let authorization: string;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "heima-idempotency-"));
  stack = await startStack({ dataDir, logLevel: "warn", unlimited: true });
  const listed = await (await fetch(`${stack.api}/v1/books`)).json();
  books = (listed as { items: { bookId: string }[] }).items.map((book) => book.bookId);
  const { code } = (await (await fetch(`${stack.wechat}/wx.login?user=twice`)).json()) as { code: string };
  const login = await fetch(`${stack.api}/v1/auth/wechat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  authorization = `Bearer ${((await login.json()) as { accessToken: string }).accessToken}`;
}, 120_000);

afterAll(async () => {
  for (const stop of stops) await stop();
  await stack?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function send(api: string, method: "PUT" | "DELETE", bookId: string | undefined, key: string = randomUUID()) {
  const response = await fetch(`${api}/v1/shelf/${bookId}`, {
    method,
    headers: { authorization, "idempotency-key": key },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A second API process on the same stores: the cache of one does not have what the other wrote. */
async function startSecondApi(): Promise<string> {
  const port = await freePort();
  const api = await startNodeChild({
    script: "src/main/api.ts",
    environment: { ...process.env, ...stack.environment, PORT: `${port}` },
    logFile: join(dataDir, "logs", "second-api.log"),
  });
  stops.push(() => api.stop("SIGTERM"));
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const ready = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (ready?.ok) return url;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("a key that another process with a stale cache gets: its first answer, or 422 with another command", async () => {
  const [first, second, third] = books;
  const otherApi = await startSecondApi();
  // Both processes fold the stream; then the second one's copy becomes outdated.
  await send(stack.api, "PUT", first);
  expect((await send(otherApi, "DELETE", second)).status).toBe(200);
  const key = randomUUID();
  const answer = await send(stack.api, "PUT", second, key);
  expect(answer).toMatchObject({ status: 200, body: { events: ["BookAddedToShelf"] } });

  expect(await send(otherApi, "PUT", third, key)).toMatchObject({
    status: 422,
    body: { code: "idempotency_key_reused" },
  });
  expect(await send(otherApi, "DELETE", second, key)).toMatchObject({ status: 422 });
  expect(await send(otherApi, "PUT", second, key)).toEqual(answer);
});

test("two at once with one key in two processes: one event, one answer", async () => {
  const otherApi = await startSecondApi();
  for (const bookId of books) {
    const method = "PUT";
    await send(stack.api, "DELETE", bookId);
    const key = randomUUID();
    const answers = await Promise.all(
      [stack.api, otherApi, stack.api, otherApi].map((api) => send(api, method, bookId, key)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toHaveLength(1);
    expect(answers[0]).toMatchObject({ status: 200, body: { events: ["BookAddedToShelf"] } });
  }
});

test("the same key after everything was restarted: the first answer; with another command 422", async () => {
  const [first] = books;
  await send(stack.api, "DELETE", first);
  const key = randomUUID();
  const answer = await send(stack.api, "PUT", first, key);
  expect(answer.body.events).toEqual(["BookAddedToShelf"]);
  for (const stop of stops.splice(0)) await stop();
  await stack.stop();
  stack = await startStack({ dataDir, logLevel: "warn", unlimited: true });

  expect(await send(stack.api, "PUT", first, key)).toEqual(answer);
  expect(await send(stack.api, "DELETE", first, key)).toMatchObject({ status: 422 });
}, 120_000);
