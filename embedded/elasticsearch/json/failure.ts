/** A cause inside an error, as in Elasticsearch's JSON: a type in snake case, a reason and further fields. */
export class Failure extends Error {
  readonly type: string;
  readonly reason: string | null;
  readonly status: number;
  /** Fields beside type and reason, in their order. */
  readonly meta: Readonly<Record<string, unknown>>;
  readonly causedBy: Failure | undefined;
  /** The parser's offset in the text of the request; an enclosing parser reports the same location. */
  at: number | undefined;

  constructor(
    type: string,
    reason: string | null,
    more: { status?: number; meta?: Record<string, unknown>; causedBy?: Failure | undefined; at?: number } = {},
  ) {
    super(`${type}: ${reason}`);
    this.type = type;
    this.reason = reason;
    this.status = more.status ?? 400;
    this.meta = more.meta ?? {};
    this.causedBy = more.causedBy;
    this.at = more.at;
  }
}

/** A search that failed before it asked a shard: the answer lists no failed shard. */
export class SearchFailure extends Failure {
  constructor(phase: string, reason: string, causedBy: Failure, status = 400) {
    const meta = { phase, grouped: true, failed_shards: [] };
    super("search_phase_execution_exception", reason, { status, meta, causedBy });
  }
}

/** The types that derive from ElasticsearchException; the root cause is the innermost of them. */
const own = new Set(
  "parsing_exception query_shard_exception parse_exception mapper_parsing_exception document_parsing_exception exception strict_dynamic_mapping_exception index_not_found_exception version_conflict_engine_exception no_shard_available_action_exception search_context_missing_exception".split(
    " ",
  ),
);

/** The root cause in Elasticsearch's sense: the innermost of its own exceptions or of the parser's. */
export function rootCause(failure: Failure): Failure {
  const { causedBy } = failure;
  if (causedBy === undefined) return failure;
  const isParser = failure.type === "x_content_parse_exception";
  const follows = own.has(causedBy.type) || (isParser && causedBy.type.startsWith("x_content_"));
  if ((own.has(failure.type) || isParser) && follows) return rootCause(causedBy);
  return failure;
}

/** Returns whether Elasticsearch's class derives from ElasticsearchException. */
export const isOwn = (failure: Failure) => own.has(failure.type);

/** The JSON of a failure without its root cause. */
export function causeJson(failure: Failure): Record<string, unknown> {
  const { type, reason, meta, causedBy } = failure;
  return { type, reason, ...meta, ...(causedBy === undefined ? {} : { caused_by: causeJson(causedBy) }) };
}

function rootsOf(failure: Failure): readonly Failure[] {
  if (failure instanceof SearchFailure) return [];
  return failure instanceof ShardsFailure ? failure.failed.map(({ cause }) => rootCause(cause)) : [rootCause(failure)];
}

/** The body of an answer with a failure: `{error: {root_cause, type, reason, …}, status}`. */
export function errorBody(failure: Failure): Record<string, unknown> {
  if (failure instanceof PlainFailure) return { error: failure.reason, status: failure.status, ...failure.meta };
  const roots = rootsOf(failure);
  const root_cause = roots.map(({ type, reason, meta }) => ({ type, reason, ...meta }));
  return { error: { root_cause, ...causeJson(failure) }, status: failure.status };
}

/** An error that is only a text: wrong methods and media types, missing aliases. */
export class PlainFailure extends Failure {
  constructor(status: number, sentence: string, meta: Record<string, unknown> = {}) {
    super("plain", sentence, { status, meta });
  }
}

type ShardFailed = { readonly index: string; readonly cause: Failure };

/** No shard is available: its index was deleted. */
export const noShard = () => new Failure("no_shard_available_action_exception", null, { status: 503 });

/** The JSON of a failure in one shard; an unavailable shard has no node. */
export function shardFailedJson({ index, cause }: ShardFailed, node: string): Record<string, unknown> {
  const isNowhere = cause.type === "no_shard_available_action_exception";
  return { shard: 0, index, node: isNowhere ? null : node, reason: causeJson(cause) };
}

/** A search that failed in its shards, as Elasticsearch detects some errors only there. */
export class ShardsFailure extends Failure {
  readonly failed: readonly ShardFailed[];

  constructor(failed: readonly ShardFailed[], node: string) {
    const root = rootCause(failed[0]!.cause);
    const wrapped = isOwn(root) ? root : new Failure(root.type, root.reason, { causedBy: root });
    super("search_phase_execution_exception", "all shards failed", {
      status: Math.max(...failed.map(({ cause }) => cause.status)),
      meta: {
        phase: "query",
        grouped: true,
        failed_shards: failed.map((one) => shardFailedJson(one, node)),
      },
      causedBy: isOwn(root) && root === failed[0]!.cause ? undefined : wrapped,
    });
    this.failed = failed;
  }
}

export const illegalArgument = (reason: string, causedBy?: Failure) =>
  new Failure("illegal_argument_exception", reason, { causedBy });

/** Several validation errors of one request, numbered from 1. */
export const validationFailed = (...complaints: string[]) =>
  new Failure(
    "action_request_validation_exception",
    `Validation Failed: ${complaints.map((one, index) => `${index + 1}: ${one};`).join("")}`,
  );

export const noSuchIndex = (index: string) =>
  new Failure("index_not_found_exception", `no such index [${index}]`, {
    status: 404,
    meta: { "resource.type": "index_or_alias", "resource.id": index, index_uuid: "_na_", index },
  });
