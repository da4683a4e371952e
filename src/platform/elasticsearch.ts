import { Client, errors, Transport } from "@elastic/elasticsearch";
import type { Config } from "./config.ts";

export type Elasticsearch = Client;

/** The settings that a client needs. */
export const elasticsearchSettings = ["ELASTICSEARCH_URL", "ELASTICSEARCH_API_KEY"] as const;

const connectTimeoutMs = 2_000;

/**
 * Retries after 50 and 100 ms rather than seconds: enough if the server closed a kept-alive connection. Waiting for a server
 * that is down is left to the caller. It opens no spans, to which nothing here listens.
 */
class PromptTransport extends Transport {
  constructor(options: ConstructorParameters<typeof Transport>[0]) {
    super({ ...options, retryBackoff: (_min, _max, attempt) => 0.05 * attempt, openTelemetry: { enabled: false } });
  }
}

/**
 * A client of the search engine with persistent connections. Creating it never rejects: it connects on the first request. A
 * request without an answer within `requestTimeoutMs` rejects; without a server, within some 150 ms and two retries;
 * `failureOf` classifies the error. The URL's user and password are used unless there is an API key. `close()` ends its
 * connections.
 */
export function createElasticsearch(
  config: Config<(typeof elasticsearchSettings)[number]>,
  { requestTimeoutMs, service }: { requestTimeoutMs: number; service: string },
): Elasticsearch {
  const url = new URL(config.ELASTICSEARCH_URL);
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const apiKey = config.ELASTICSEARCH_API_KEY;
  // An error may quote its URL.
  url.username = "";
  url.password = "";
  const agent = { connections: 64, connectTimeout: connectTimeoutMs };
  return new Client({
    node: url.href,
    ...(apiKey !== "" ? { auth: { apiKey } } : username !== "" && { auth: { username, password } }),
    agent,
    requestTimeout: requestTimeoutMs,
    maxRetries: 2,
    Transport: PromptTransport,
    // Identifies the sender in the server's slow log and task list.
    headers: { "x-opaque-id": `heima-${service}` },
  });
}

/**
 * Why a request to the search engine failed. `away`: no answer, or an answer from a proxy or from a node that is not ready; the
 * request may have been executed. `busy`: the request is currently rejected, because the server is overloaded, its disk is full
 * or the index is blocked or closed. `missing`: the index or alias does not exist. `refused`: the same request would be refused again.
 */
export type ElasticsearchFailure = "away" | "busy" | "missing" | "refused";

/** Undefined if the error is not from the search engine. */
export function failureOf(error: unknown): ElasticsearchFailure | undefined {
  if (error instanceof errors.ResponseError) return failureOfStatus(error.statusCode ?? 0, errorTypeOf(error));
  if (error instanceof errors.ProductNotSupportedError || error instanceof errors.ConfigurationError) return "refused";
  return error instanceof errors.ElasticsearchClientError ? "away" : undefined;
}

/** The same for a status and an error type, as in the items of a bulk response. */
export function failureOfStatus(status: number, type: string | undefined): ElasticsearchFailure {
  if (status === 408 || status >= 502) return "away";
  // A manual block is a 403, the block of a full disk a 429, and a closed index, which can be opened again, a 400.
  if (status === 429 || type === "cluster_block_exception" || type === "index_closed_exception") return "busy";
  return type === "index_not_found_exception" || type === "alias_not_found_exception" ? "missing" : "refused";
}

/**
 * Returns why a smaller request might succeed: the request took too long (`time`), which a server that hangs causes as well, or
 * needed more memory than the server has (`memory`). Undefined for other errors.
 */
export function exceededLimit(error: unknown): "time" | "memory" | undefined {
  if (error instanceof errors.TimeoutError) return "time";
  return errorTypeOf(error) === "circuit_breaking_exception" ? "memory" : undefined;
}

type ErrorBody = { readonly error?: unknown };
type Refusal = {
  readonly type?: unknown;
  readonly index?: string;
  readonly failed_shards?: readonly FailedShard[];
};
type FailedShard = { readonly index?: string; readonly reason?: { readonly type?: string } };

/** The error type of a refusal, such as `version_conflict_engine_exception`. */
export function errorTypeOf(error: unknown): string | undefined {
  const { type } = bodyOf(error);
  return type === undefined ? undefined : String(type);
}

/** The index or alias that a request named and that does not exist. */
export function missingIndexOf(error: unknown): string | undefined {
  return failureOf(error) === "missing" ? bodyOf(error).index : undefined;
}

/** The shards in which a search failed: their indices, and the types of the errors there. */
export function failedShardsOf(error: unknown): readonly { readonly index: string; readonly type: string }[] {
  return (bodyOf(error).failed_shards ?? []).map(({ index = "", reason }) => ({ index, type: reason?.type ?? "" }));
}

function bodyOf(error: unknown): Refusal {
  const body: unknown = error instanceof errors.ResponseError ? error.body : undefined;
  const failure = typeof body === "object" && body !== null ? (body as ErrorBody).error : undefined;
  return typeof failure === "object" && failure !== null ? failure : {};
}
