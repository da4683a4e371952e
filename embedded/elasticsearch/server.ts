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
  /** 0 selects a free port. */
  readonly port: number;
  /** Milliseconds; the clock of refreshes, tombstones and points in time. */
  readonly now?: () => number;
};

const zipped = promisify(gzip);
/** Bytes: the minimum size of an answer that is compressed. */
const worthZipping = 1024;

/**
 * Answers as Elasticsearch 9.4.3 does, from memory: docs/elasticsearch-differences.md lists the differences. It persists nothing:
 * after a restart it is empty.
 */
export async function startElasticsearch({
  host,
  port,
  now = Date.now,
}: ElasticsearchOptions): Promise<{ url: string; close(): Promise<void> }> {
  const route = createRouter(routes(createCluster("heima", now)));
  // Like Elasticsearch, it keeps idle connections open: a client could send a request on one that is being closed.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => void answer(request, response));
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
    const body = await bodyOf(request);
    if (body === undefined) return;
    const url = request.url ?? "/";
    const queryAt = url.indexOf("?");
    const path = queryAt < 0 ? url : url.slice(0, queryAt);
    const query = new URLSearchParams(queryAt < 0 ? "" : url.slice(queryAt + 1));
    const method = request.method ?? "GET";
    let type = "application/json";
    let reply: Answer;
    let exchange: Exchange = { method, path, at: {}, query, body };
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

/** Undefined for a client that disconnects before its request is complete. */
function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks).toString()));
    request.on("close", () => resolve(undefined));
    request.on("error", () => resolve(undefined));
  });
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
