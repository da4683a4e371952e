import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { endpoint } from "../../src/http/endpoint.ts";
import { startApi } from "./startApi.ts";

/** Requests that are held, in the order of arrival, until they are released. */
const held: (() => void)[] = [];
let entered = 0;
const toHold = (path: `/${string}`, hold: boolean) =>
  endpoint({
    method: "get",
    path,
    access: "open",
    summary: "For a test",
    response: z.unknown(),
    problems: [],
    async handle() {
      entered += 1;
      if (hold) await new Promise<void>((resolve) => held.push(resolve));
      return { body: { path } };
    },
  });
const start = (quietMs: number) => startApi([toHold("/now", false), toHold("/held", true)], { quietMs });

const agents: Agent[] = [];
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
  held.splice(0);
  entered = 0;
});

/** A client that keeps one connection alive: status and Connection header of each answer, or the code of its error. */
function keptAlive(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  return (path: string) =>
    new Promise<string>((resolve) => {
      get(`${url}${path}`, { agent }, (response) => {
        response.resume().once("end", () => resolve(`${response.statusCode} ${response.headers.connection}`));
      }).once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
}

const clients = (url: string) => Array.from({ length: 30 }, () => keptAlive(url));
const all = (asked: readonly Promise<string>[]) => Promise.all(asked).then((answers) => [...new Set(answers)]);

test("30 clients with kept-alive connections are notified of the close, and none is reset", async () => {
  const api = await start(60_000);
  const thirty = clients(api.url);
  expect(await all(thirty.map((ask) => ask("/now")))).toEqual(["200 keep-alive"]);
  const closing = api.close();
  expect(await all(thirty.map((ask) => ask("/now")))).toEqual(["200 close"]);
  await closing;
  expect(await all(thirty.map((ask) => ask("/now")))).toEqual(["ECONNREFUSED"]);
});

test("30 requests that are held when the server closes are answered, with the notice", async () => {
  const api = await start(0);
  const thirty = clients(api.url);
  await all(thirty.map((ask) => ask("/now")));
  const asked = all(thirty.map((ask) => ask("/held")));
  await expect.poll(() => held.length).toBe(30);
  const closing = api.close();
  for (const release of held) release();
  expect(await asked).toEqual(["200 close"]);
  await closing;
});

/** A connection with arbitrary bytes from the client: everything received, and how it ended. */
async function rawClient(url: string) {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  await once(socket, "connect");
  let text = "";
  socket.on("data", (chunk) => {
    text += String(chunk);
  });
  const ended = new Promise<string>((resolve) => {
    socket.once("end", () => resolve("FIN"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  return { socket, ended, answers: () => text.match(/HTTP\/1\.1 200/g)?.length ?? 0, text: () => text };
}
const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;

test("pipelined requests are all answered before the connection ends, the last with the news", async () => {
  const api = await start(0);
  const client = await rawClient(api.url);
  client.socket.write(request("/held") + request("/now") + request("/held"));
  await expect.poll(() => held.length).toBe(2);
  const closing = api.close();
  for (const release of held.toReversed()) release();
  expect(await client.ended).toBe("FIN");
  expect(client.answers()).toBe(3);
  expect(client.text().match(/^Connection: .*$/gim)).toEqual([
    "Connection: keep-alive",
    "Connection: keep-alive",
    "Connection: close",
  ]);
  client.socket.end();
  await closing;
});

test("an idle connection ends with FIN; what comes after it is not carried out, and not reset", async () => {
  const api = await start(0);
  const client = await rawClient(api.url);
  client.socket.write(request("/now"));
  await expect.poll(() => client.answers()).toBe(1);
  const closing = api.close();
  expect(await client.ended).toBe("FIN");
  let failure: unknown;
  client.socket.on("error", (error) => {
    failure = error;
  });
  client.socket.end(request("/now"));
  await closing;
  expect({ entered, failure }).toEqual({ entered: 1, failure: undefined });
});

test("a request that has begun to arrive is read and answered", async () => {
  const api = await start(0);
  const client = await rawClient(api.url);
  client.socket.write(request("/now") + request("/now").slice(0, 20));
  await expect.poll(() => client.answers()).toBe(1);
  const other = await rawClient(api.url);
  other.socket.write(request("/now").slice(0, 20));
  await expect.poll(async () => fetch(`${api.url}/now`).then((answer) => answer.status)).toBe(200);
  const closing = api.close();
  other.socket.write(request("/now").slice(20));
  expect(await other.ended).toBe("FIN");
  expect(other.answers()).toBe(1);
  for (const { socket } of [client, other]) socket.end();
  await closing;
});
