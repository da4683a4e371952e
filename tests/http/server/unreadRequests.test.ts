import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { endpoint } from "../../../src/http/endpoint.ts";
import { bearer, logToMemory, startApi } from "../startApi.ts";

const log = logToMemory();
let echoed: unknown[] = [];
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  const echo = endpoint({
    method: "put",
    path: "/v1/echo",
    access: "reader",
    summary: "For a test",
    body: z.strictObject({ text: z.string() }),
    response: z.unknown(),
    problems: [],
    async handle({ body }) {
      echoed.push(body);
      return { body };
    },
  });
  api = await startApi([echo], { logger: log.logger });
});
afterAll(() => api.close());

/** Sends these bytes on a connection, and `later` after the first response; returns the responses until the server ends it. */
async function responsesTo(bytes: string, later?: string) {
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => {
    text += String(chunk);
  });
  socket.write(bytes);
  if (later !== undefined) {
    await once(socket, "data");
    socket.write(later);
  }
  await once(socket, "end");
  socket.destroy();
  return text.split(/(?=HTTP\/1\.1 \d)/).map((response) => {
    const [head = "", body = ""] = response.split("\r\n\r\n");
    const [, status] = head.split(" ");
    const header = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1];
    return {
      status: Number(status),
      header,
      body: JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1)),
    };
  });
}

const put = (headers = "", length = 14) =>
  `PUT /v1/echo HTTP/1.1\r\nHost: a\r\nAuthorization: ${bearer("reader")}\r\nContent-Type: application/json\r\n${headers}` +
  (length > 0 ? `Content-Length: ${length}\r\n\r\n` : "\r\n");
const chunked = put("Transfer-Encoding: chunked\r\n", 0);

describe("a request that Node does not read", () => {
  test.each([
    ["whose headers are too large", put(`Consistency-Token: ${"t".repeat(17_000)}\r\n`), 431, "headers_too_large"],
    ["that is not HTTP", "hello\r\n\r\n", 400, "malformed_http"],
    ["with a header that is none", put("no header\r\n"), 400, "malformed_http"],
    ["without a Host", "GET /v1/echo HTTP/1.1\r\n\r\n", 400, "malformed_http"],
    ["whose body is no chunk", `${chunked}zz\r\n`, 400, "malformed_http"],
  ])("%s is a problem with a code and an id", async (_what, bytes, status, code) => {
    echoed = [];
    const [answer, ...others] = await responsesTo(bytes);
    expect(others).toEqual([]);
    expect(answer?.status).toBe(status);
    expect(answer?.header("Content-Type")).toBe("application/problem+json; charset=utf-8");
    expect(answer?.header("X-Content-Type-Options")).toBe("nosniff");
    expect(answer?.header("Connection")).toBe("close");
    const requestId = answer?.header("X-Request-Id");
    expect(answer?.body).toMatchObject({ status, code, instance: `urn:heima-literature:request:${requestId}` });
    const line = () => log.lines().find((line) => line.requestId === requestId);
    await expect.poll(line).toMatchObject({ status, problem: code });
    expect(echoed).toEqual([]);
  });

  test("is answered after the requests before it, which are carried out", async () => {
    echoed = [];
    const answers = await responsesTo(`${put()}{"text":"mine"}`.replace("14", "15") + `${put()}`.replace("14", "zz"));
    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
    expect(echoed).toEqual([{ text: "mine" }]);
  });
});

test("a request that was answered before its body came gets no second response", async () => {
  const withoutToken = chunked.replace(/Authorization: .*\r\n/, "");
  const answers = await responsesTo(withoutToken, "zz\r\n");
  expect(answers.map(({ status }) => status)).toEqual([401]);
});

test("an expectation that the server does not know is ignored", async () => {
  const [answer] = await responsesTo(`${put("Expect: the-best\r\nConnection: close\r\n", 15)}{"text":"mine"}`);
  expect(answer).toMatchObject({ status: 200, body: { text: "mine" } });
});
