import { once } from "node:events";
import { createReadStream, type ReadStream } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { fileURLToPath } from "node:url";
import express, { type Response } from "express";
import { expect, test } from "vitest";
import { type AnswerStream, sendStream } from "../../../src/http/server/sendStream.ts";

/** Like Promise.withResolvers, which Node 20 lacks. */
function withResolvers<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Serves one stream, after `first`; `over` resolves when it has ended, with how. */
async function serving(stream: AnswerStream, patienceMs?: number, first?: (response: Response) => Promise<unknown>) {
  const app = express();
  const failures: unknown[] = [];
  const { promise: over, resolve } = withResolvers<Response>();
  app.get("/", (_request, response, next) => {
    response.on("close", () => resolve(response));
    const begin = first === undefined ? Promise.resolve() : first(response);
    begin.then(() => sendStream(response, stream, patienceMs)).catch(next);
  });
  app.use(((error, _request, response, next) => {
    failures.push(error);
    if (response.headersSent) response.destroy();
    else response.status(500).end("failed");
    void next;
  }) satisfies express.ErrorRequestHandler);
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    over,
    failures,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An endless stream of pieces of 64 KiB, and how many were made; `ended` when its reader stops. */
function endless() {
  const made = { pieces: 0, ended: false };
  const piece = "x".repeat(1 << 16);
  const stream = async function* () {
    try {
      for (;;) {
        made.pieces++;
        yield piece;
      }
    } finally {
      made.ended = true;
    }
  };
  return { made, stream };
}

test("a client that takes nothing holds a bounded buffer, and is broken off after its time", async () => {
  const { made, stream } = endless();
  await using served = await serving(stream, 200);
  const socket = connect(served.port, "127.0.0.1");
  socket.pause();
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const response = await served.over;
  expect(response.writableFinished).toBe(false);
  await expect.poll(() => made.ended).toBe(true);
  // What fits into the sockets of both sides, 4 MiB each at most (net.ipv4.tcp_wmem and tcp_rmem: 6 MiB), and one piece.
  expect(made.pieces).toBeLessThan(200);
  socket.destroy();
});

test("a client that has gone ends what is made for it, also while nothing comes", async () => {
  let left = false;
  await using served = await serving(async function* (gone) {
    yield "first\n";
    await once(gone, "abort");
    left = true;
  });
  const leaving = new AbortController();
  const response = await fetch(served.url, { signal: leaving.signal });
  const reader = response.body!.getReader();
  expect(Buffer.from((await reader.read()).value!).toString()).toBe("first\n");
  leaving.abort();
  await served.over;
  await expect.poll(() => left).toBe(true);
});

test("a stream that fails because its client has gone is no failure of the request", async () => {
  const { promise: thrown, resolve } = withResolvers<void>();
  await using served = await serving(async function* (gone) {
    yield "first\n";
    try {
      await once(gone, "abort");
      throw new Error("ended by the signal");
    } finally {
      resolve();
    }
  });
  const leaving = new AbortController();
  const response = await fetch(served.url, { signal: leaving.signal });
  await response.body!.getReader().read();
  leaving.abort();
  await thrown;
  await new Promise(setImmediate);
  expect(served.failures).toEqual([]);
});

test("an empty piece sends the head; HEAD makes nothing; what fails before the first piece is a problem", async () => {
  const { promise: goOn, resolve } = withResolvers<void>();
  let begun = 0;
  await using served = await serving(async function* () {
    begun++;
    yield "";
    await goOn;
    yield "later";
  });
  const response = await fetch(served.url);
  expect([response.status, begun]).toEqual([200, 1]);
  resolve();
  expect(await response.text()).toBe("later");
  const head = await fetch(served.url, { method: "HEAD" });
  expect([head.status, begun]).toEqual([200, 1]);
  await using failing = await serving(async function* () {
    yield await Promise.reject(new Error("away"));
  });
  expect((await fetch(failing.url)).status).toBe(500);
  await using broken = await serving(async function* () {
    yield "first";
    throw new Error("away");
  });
  await expect(fetch(broken.url).then((answer) => answer.text())).rejects.toThrow();
});

/** Streams a file; also returns the streams that were opened. */
function aFile() {
  const made: ReadStream[] = [];
  const stream = (gone: AbortSignal) => {
    const file = createReadStream(fileURLToPath(import.meta.url), { signal: gone });
    made.push(file);
    return file;
  };
  return { made, stream };
}

test("HEAD leaves no file open", async () => {
  const { made, stream } = aFile();
  await using served = await serving(stream);
  expect((await fetch(served.url, { method: "HEAD" })).status).toBe(200);
  await served.over;
  await expect.poll(() => made.map(({ closed }) => closed)).toEqual([true]);
});

test.each(["HEAD", "GET"])(
  "%s of a client that has left leaves no file open, and no error without a listener",
  async (method) => {
    const { made, stream } = aFile();
    const { promise: asked, resolve: begin } = withResolvers<void>();
    await using served = await serving(stream, undefined, (response) => {
      begin();
      return once(response, "close");
    });
    const socket = connect(served.port, "127.0.0.1");
    socket.write(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
    await asked;
    socket.destroy();
    await expect.poll(() => made.length).toBe(1);
    expect(made[0]?.listenerCount("error")).toBeGreaterThan(0);
    await expect.poll(() => made[0]?.closed).toBe(true);
  },
);
