import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { routes } from "./api/routes.ts";
import { type Answer, type Exchange, flag } from "./http/exchange.ts";
import { answerType } from "./http/media.ts";
import { createRouter, NoHandler, WrongMethod } from "./http/router.ts";
import { createCluster } from "./indices/cluster.ts";
import { errorBody, Failure } from "./json/failure.ts";
import { filterPath } from "./json/filterPath.ts";
import { writeJson } from "./json/write.ts";

export type ElasticsearchOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Milliseconds; the clock of refreshes, tombstones and points in time. */
  readonly now?: () => number;
};

const zipped = promisify(gzip);
/** Bytes: what an answer must have to be worth compressing. */
const worthZipping = 1024;

/**
 * Answers as Elasticsearch 9.4.3 does, from memory: docs/elasticsearch-differences.md says where it does not. It keeps nothing:
 * a restart is empty.
 */
export async function startElasticsearch({
  host,
  port,
  now = Date.now,
}: ElasticsearchOptions): Promise<{ url: string; close(): Promise<void> }> {
  const route = createRouter(routes(createCluster("heima", now)));
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const url = new URL(`http://es${request.url ?? "/"}`);
    const path = (request.url ?? "/").split("?")[0]!;
    const method = request.method ?? "GET";
    let type = "application/json";
    let reply: Answer;
    let exchange: Exchange = { method, path, at: {}, query: url.searchParams, body };
    try {
      type = answerType(request.headers["content-type"], request.headers.accept, body !== "");
      const { handler, at } = route(method, path);
      exchange = { ...exchange, path: decodeURIComponent(path), at };
      reply = await handler(exchange);
      flag(exchange, "pretty", false);
    } catch (error) {
      reply = failed(error);
    }
    await send(request, response, exchange, type, reply);
  }
}

function failed(error: unknown): Answer {
  if (error instanceof NoHandler) return { status: error.status, body: { error: error.reason } };
  if (error instanceof Failure) {
    const headers = error instanceof WrongMethod ? { allow: error.allowed.join(",") } : {};
    return { status: error.status, body: errorBody(error), headers };
  }
  const { name, message, stack } = error as Error;
  console.error(stack);
  const failure = new Failure("exception", `a fault of this server: ${name}: ${message}`, { status: 500 });
  return { status: 500, body: errorBody(failure) };
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { query }: Exchange,
  type: string,
  reply: Answer,
): Promise<void> {
  const pretty = query.has("pretty") && query.get("pretty") !== "false";
  const paths = query.get("filter_path");
  const shown = paths === null || paths === "" ? reply.body : filterPath(reply.body, paths.split(","));
  const text = reply.text ?? (shown === undefined ? "" : writeJson(shown, pretty));
  const headers: Record<string, string | number> = {
    "x-elastic-product": "Elasticsearch",
    "content-type": reply.text === undefined ? type : "text/plain; charset=UTF-8",
    ...reply.headers,
  };
  const zips = text.length > worthZipping && String(request.headers["accept-encoding"] ?? "").includes("gzip");
  const bytes = zips ? await zipped(text, { level: 1 }) : Buffer.from(text);
  if (zips) headers["content-encoding"] = "gzip";
  response.writeHead(reply.status, { ...headers, "content-length": bytes.length });
  response.end(request.method === "HEAD" ? undefined : bytes);
}
