import { Client, errors, Transport } from "@elastic/elasticsearch";
import type { Config } from "./config.ts";

export type Elasticsearch = Client;

/** What a client needs to know of the configuration. */
export const elasticsearchSettings = ["ELASTICSEARCH_URL", "ELASTICSEARCH_API_KEY"] as const;

const connectTimeoutMs = 2_000;

/** A connection that the server closed while we sent is tried anew at once; one that is away is the caller's to wait for. */
class PromptTransport extends Transport {
  constructor(options: ConstructorParameters<typeof Transport>[0]) {
    super({ ...options, retryBackoff: (_min, _max, attempt) => 0.05 * attempt });
  }
}

/**
 * A client of the search engine, with connections that are kept open. Never rejects for a server that is away: it connects when it is
 * asked. A request that gets no answer in `requestTimeoutMs` rejects, one that meets no server within some 150 ms and two retries;
 * `failureOf` tells why. User and password of the URL are used unless there is an API key. `close()` ends its connections.
 */
export function createElasticsearch(
  config: Config<(typeof elasticsearchSettings)[number]>,
  { requestTimeoutMs, service }: { requestTimeoutMs: number; service: string },
): Elasticsearch {
  const url = new URL(config.ELASTICSEARCH_URL);
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const apiKey = config.ELASTICSEARCH_API_KEY;
  // An error may quote the URL that it is about.
  url.username = "";
  url.password = "";
  const agent = { connections: 64, connectTimeout: connectTimeoutMs };
  return new Client({
    node: url.href,
    ...(apiKey !== "" ? { auth: { apiKey } } : username !== "" && { auth: { username, password } }),
    ...{ agent, requestTimeout: requestTimeoutMs, maxRetries: 2, Transport: PromptTransport },
    // Its slow log and its list of tasks name who asked.
    headers: { "x-opaque-id": `heima-${service}` },
  });
}

/**
 * Why the search engine did not do what it was asked. `away`: no answer, or one of a proxy or a node that is not ready; what was
 * asked may have been done. `busy`: it takes no such request now, because it is overloaded, its disk is full or the index is blocked.
 * `missing`: the index or alias is not there. `refused`: the same request will be refused again.
 */
export type ElasticsearchFailure = "away" | "busy" | "missing" | "refused";

/** Undefined for an error that does not come from the search engine. */
export function failureOf(error: unknown): ElasticsearchFailure | undefined {
  if (error instanceof errors.ResponseError) return failureOfStatus(error.statusCode ?? 0, errorTypeOf(error));
  if (error instanceof errors.ProductNotSupportedError || error instanceof errors.ConfigurationError) return "refused";
  return error instanceof errors.ElasticsearchClientError ? "away" : undefined;
}

/** The same of a status and an error type, as an item of a bulk answer has them. */
export function failureOfStatus(status: number, type: string | undefined): ElasticsearchFailure {
  if (status === 408 || status >= 502) return "away";
  // A block by hand is a 403, the block of a full disk a 429.
  if (status === 429 || type === "cluster_block_exception") return "busy";
  return type === "index_not_found_exception" || type === "alias_not_found_exception" ? "missing" : "refused";
}

/** The type of a refusal, such as `version_conflict_engine_exception`. */
export function errorTypeOf(error: unknown): string | undefined {
  if (!(error instanceof errors.ResponseError)) return undefined;
  const body: unknown = error.body;
  const failure = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  return typeof failure === "object" && failure !== null && "type" in failure ? String(failure.type) : undefined;
}
