import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { shelfEndpoints } from "../../../src/http/shelf/endpoints.ts";
import type { Pool } from "../../../src/platform/postgres.ts";
import { newProcess } from "../../commands/fixtures.ts";
import { type InMemoryEventStore, inMemoryEventStore } from "../../commands/inMemoryEventStore.ts";
import { bearer, readerId, startApi } from "../startApi.ts";

// Two commands that a client sends on one connection without waiting for the first answer.

let store: InMemoryEventStore;
let api: Awaited<ReturnType<typeof startApi>>;
/** How often it was checked whether a book exists. */
let checks = 0;
/** The check for the book is slow. */
const bookExists = async () => {
  checks++;
  for (let turns = 0; turns < 20; turns++) await turn();
  return true;
};
beforeAll(async () => {
  store = inMemoryEventStore();
  const commands = { handleCommand: newProcess(store), bookExists, capacity: 100 };
  api = await startApi(shelfEndpoints(commands, {} as Pool));
});
afterAll(() => api.close());
beforeEach(() => {
  store.log.length = 0;
});

function request(method: string, path: string, body = "", last = false): string {
  const type = body === "" ? "" : "Content-Type: application/json\r\n";
  const end = last ? "Connection: close\r\n" : "";
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: ${bearer("reader")}\r\n${type}${end}${length}\r\n${body}`;
}

/** The statuses of the answers to requests that are sent in one piece, or each in a separate packet. */
async function statuses(requests: readonly string[], inOnePiece = true): Promise<readonly string[]> {
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1").setNoDelay();
  let text = "";
  socket.on("data", (chunk) => {
    text += String(chunk);
  });
  for (const piece of inOnePiece ? [requests.join("")] : requests) socket.write(piece);
  await once(socket, "close");
  return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status as string);
}

const written = () => store.eventsOf(`shelf-${readerId}`).map(({ type }) => type);

test.each([
  ["without a body", ""],
  ["with a body", '{"group":null}'],
])("a book that is put %s and taken off again is off", async (_what, body) => {
  for (const inOnePiece of [true, false]) {
    store.log.length = 0;
    const book = `book0000000${Number(inOnePiece)}`;
    const put = request("PUT", `/v1/shelf/${book}`, body);
    expect(await statuses([put, request("DELETE", `/v1/shelf/${book}`, "", true)], inOnePiece)).toEqual(["200", "200"]);
    expect(written()).toEqual(["BookAddedToShelf", "BookRemovedFromShelf"]);
  }
});

test("many commands in one piece are carried out in their order", async () => {
  const moves = Array.from({ length: 14 }, (_, n) =>
    n % 2 === 0
      ? request("PUT", "/v1/shelf/hongloumeng0", n % 4 === 0 ? "{}" : "")
      : request("DELETE", "/v1/shelf/hongloumeng0", "", n === 13),
  );
  expect(await statuses(moves)).toEqual(Array(14).fill("200"));
  expect(written()).toEqual(Array(7).fill(["BookAddedToShelf", "BookRemovedFromShelf"]).flat());
});

test("more commands than are started in one turn of the event loop are carried out in their order too", async () => {
  const moves = Array.from({ length: 40 }, (_, n) =>
    request(n % 2 === 0 ? "PUT" : "DELETE", "/v1/shelf/hongloumeng0", "", n === 39),
  );
  expect(await statuses(moves)).toEqual(Array(40).fill("200"));
  expect(written()).toEqual(Array(20).fill(["BookAddedToShelf", "BookRemovedFromShelf"]).flat());
});

test("a command that waits for another one when its connection is reset is not carried out without its body", async () => {
  const [first, second] = ["aaaaaaaaaaaa", "bbbbbbbbbbbb"] as const;
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1").setNoDelay();
  await once(socket, "connect");
  const sent = [request("PUT", `/v1/shelf/${first}`), request("PUT", `/v1/shelf/${second}`, '{"group":null}')];
  checks = 0;
  socket.write(sent.join(""));
  while (checks === 0) await turn();
  socket.resetAndDestroy();
  // The first one, which was under way, is executed; then the second would be.
  await expect.poll(written).toEqual(["BookAddedToShelf"]);
  await sleep(300);
  expect(written()).toEqual(["BookAddedToShelf"]);
});
