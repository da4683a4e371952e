import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { endpoint } from "../../../src/http/endpoint.ts";
import { startApi } from "../startApi.ts";

test("a server that closes answers the request in flight, takes no new one, and does not wait for idle connections", async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let entered = 0;
  const slow = endpoint({
    method: "get",
    path: "/slow",
    access: "open",
    summary: "For a test",
    response: z.unknown(),
    problems: [],
    async handle() {
      entered += 1;
      await released;
      return { body: { done: true } };
    },
  });
  const api = await startApi([slow]);
  await (await fetch(`${api.url}/idle`)).text();
  const answer = fetch(`${api.url}/slow`);
  await expect.poll(() => entered).toBe(1);

  let closed = false;
  const closing = api.close().then(() => {
    closed = true;
  });
  await sleep(150);
  expect(closed).toBe(false);
  await expect(fetch(`${api.url}/slow`)).rejects.toThrow();
  expect(entered).toBe(1);

  release();
  expect(await (await answer).json()).toEqual({ done: true });
  await closing;
});
