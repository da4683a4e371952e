import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ExportDependencies, exportEndpoint } from "../../src/http/account/export.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import { bearer, startApi } from "./startApi.ts";

/** The data of the endpoint: an endless stream of events, and a table whose first page comes when `page` is resolved. */
const read = { begun: 0, ended: 0, aborted: 0 };
let account: () => Promise<object[]>;
let page: () => Promise<void>;
beforeEach(() => {
  Object.assign(read, { begun: 0, ended: 0, aborted: 0 });
  account = async () => [{ id: "a", profile: null }];
  page = async () => {};
});

async function* events(gone: AbortSignal) {
  read.begun++;
  gone.addEventListener("abort", () => read.aborted++, { once: true });
  try {
    for (let position = 0n; ; position++) yield { position } as never;
  } finally {
    read.ended++;
  }
}
const deps: ExportDependencies = {
  pool: {
    query: async ({ name }: { name?: string }) => ({ rows: name === "held-account" ? await account() : [] }),
  } as unknown as Pool,
  readerEvents: (_, gone) => [{ category: "shelf", events: events(gone) }],
  readerTables: [
    {
      readModel: "shelf",
      table: "books",
      async *rows() {
        await page();
        yield { book: 1 };
      },
    },
  ],
};

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  api = await startApi([exportEndpoint(deps)], { areLive: async () => true });
});
afterAll(() => api.close());

/** Holds its callers until `letGo` is called; `reached` resolves at the first call. */
function gate() {
  let letGo = () => {};
  let reach = () => {};
  const open = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const wait = () => {
    reach();
    return open;
  };
  return { wait, reached, letGo };
}

/** Requests an export on a separate connection. */
async function ask(method = "GET") {
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(`${method} /v1/me/export HTTP/1.1\r\nHost: a\r\nAuthorization: ${bearer("reader")}\r\n\r\n`);
  return socket;
}
const statusOf = async (socket: Awaited<ReturnType<typeof ask>>) => {
  const [head] = (await once(socket, "data")) as [Buffer];
  return Number(head.toString().split(" ")[1]);
};
/** The status of another export, as soon as the reader may request one. */
const nextStatus = async () => {
  const socket = await ask();
  const status = await statusOf(socket);
  socket.destroy();
  return status;
};

test("a client that leaves before the first piece ends all reads", async () => {
  const held = gate();
  page = held.wait;
  const socket = await ask();
  await held.reached;
  expect(read).toEqual({ begun: 1, ended: 0, aborted: 0 });
  socket.destroy();
  await expect.poll(() => read.aborted).toBe(1);
  held.letGo();
  await expect.poll(() => read.ended).toBe(1);
});

test("a client that leaves in the middle ends all reads", async () => {
  const socket = await ask();
  expect(await statusOf(socket)).toBe(200);
  socket.destroy();
  await expect.poll(() => read).toEqual({ begun: 1, ended: 1, aborted: 1 });
});

test("a store that does not answer ends the reads of the other", async () => {
  page = () => Promise.reject(new Error("Postgres is away"));
  expect(await nextStatus()).toBe(500);
  await expect.poll(() => read.ended).toBe(1);
});

test("a reader has one export at a time, from the request on", async () => {
  const held = gate();
  account = async () => {
    await held.wait();
    return [{ id: "a", profile: null }];
  };
  const first = await ask();
  await held.reached;
  expect(await nextStatus()).toBe(429);
  held.letGo();
  expect(await statusOf(first)).toBe(200);
  expect(await nextStatus()).toBe(429);
  first.destroy();
  await expect.poll(nextStatus).toBe(200);
});

test.each([
  ["that was HEAD", "HEAD", 200, () => {}],
  [
    "of no account",
    "GET",
    401,
    () => {
      account = async () => [];
    },
  ],
  [
    "that failed",
    "GET",
    500,
    () => {
      account = () => Promise.reject(new Error("Postgres is away"));
    },
  ],
])("after an export %s the reader may have another", async (_what, method, status, prepare) => {
  await expect.poll(nextStatus).toBe(200);
  await expect.poll(() => read.ended).toBe(read.begun);
  const known = account;
  prepare();
  const socket = await ask(method);
  expect(await statusOf(socket)).toBe(status);
  socket.destroy();
  account = known;
  await expect.poll(nextStatus).toBe(200);
});
