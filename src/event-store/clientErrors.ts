import {
  AppendTooLarge,
  EventStoreUnavailable,
  InvalidPosition,
  OutcomeUnknown,
  StreamDeleted,
  WrongExpectedRevision,
} from "./errors.ts";
import { ScavengeRefused } from "./scavenges.ts";

/** The fields that distinguish the client's errors. A lost connection may be a plain Error with a code. */
type ClientError = Error & {
  readonly type?: string;
  readonly code?: number;
  readonly actualVersion?: bigint | "no_stream";
  readonly streamName?: string;
  readonly metadata?: { get(key: string): readonly unknown[] };
};

/** Errors by which the server refuses a request: nothing was written, and a retry would be refused too. */
const refusals = new Set([
  "access-denied",
  "invalid-argument",
  "missing-required-metadata-property",
  "no-stream",
  "unsupported",
]);
/** The codes of gRPC that are refusals as well, with the client's names: INVALID_ARGUMENT, PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED. */
export const refusalsByCode: ReadonlyMap<number, string> = new Map([
  [3, "invalid-argument"],
  [7, "access-denied"],
  [12, "unsupported"],
  [16, "access-denied"],
]);

/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, ABORTED, INTERNAL, UNAVAILABLE of gRPC: no response. */
const unansweredCodes = new Set([1, 2, 4, 10, 13, 14]);
const unansweredTypes = new Set(["timeout", "deadline-exceeded", "unavailable", "cancelled", "unknown", "not-leader"]);

/** Converts the rejection of an append to an error of ./errors.ts; other errors are returned unchanged. */
export function appendError(stream: string, thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof OutcomeUnknown) return thrown;
  const error: ClientError = thrown;
  switch (error.type) {
    case "wrong-expected-version":
      return new WrongExpectedRevision(stream, error.actualVersion ?? "no_stream");
    case "stream-deleted":
      return new StreamDeleted(`stream ${stream} is deleted`, { cause: error });
    case "maximum-append-size-exceeded":
      return new AppendTooLarge(`the append to ${stream} is too large`, { cause: error });
  }
  if (isRefusal(error))
    return new Error(`the event store refused an append to ${stream}: ${reason(error)}`, { cause: error });
  if (!isUnanswered(error)) return error;
  return new OutcomeUnknown(`no answer to an append to ${stream}: ${reason(error)}`, { cause: error });
}

/** Converts the rejection of a read or subscription to an error of ./errors.ts. */
export function readError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const error: ClientError = thrown;
  if (error.type === "stream-deleted") {
    return new StreamDeleted(`stream ${error.streamName ?? ""} is deleted`, { cause: error });
  }
  if (isInvalidPosition(error)) {
    return new InvalidPosition(`the log has no such position: ${reason(error)}`, { cause: error });
  }
  if (isRefusal(error)) return new Error(`the event store refused a read: ${reason(error)}`, { cause: error });
  return isUnanswered(error)
    ? new EventStoreUnavailable(`the read broke off: ${reason(error)}`, { cause: error })
    : error;
}

/** Converts the rejection of a scavenge to ScavengeRefused or an error of ./errors.ts; other errors are returned unchanged. */
export function scavengeError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const error: ClientError = thrown;
  if (isRefusal(error))
    return new ScavengeRefused(`the event store refused a scavenge: ${reason(error)}`, { cause: error });
  return isUnanswered(error)
    ? new EventStoreUnavailable(`no answer to a scavenge: ${reason(error)}`, { cause: error })
    : error;
}

/**
 * Returns whether a node refused a call because it is not the leader: the call had no effect there. The client's next call goes
 * to the leader that the node named.
 */
export function isNotLeader(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { type, metadata }: ClientError = thrown;
  return type === "not-leader" || metadata?.get("exception")[0] === "not-leader";
}

/**
 * A read fails with UNKNOWN and "Unexpected ReadAllResult: InvalidPosition" (newer servers add the reason), a subscription with
 * INVALID_ARGUMENT and "Trying to read from an invalid position.". Neither has a trailer that identifies the error.
 */
function isInvalidPosition(error: ClientError): boolean {
  const unknown = error.code === 2 || error.type === "unknown";
  const invalidArgument = error.code === 3 || error.type === "invalid-argument";
  return (
    (unknown && /ReadAllResult: InvalidPosition/.test(error.message)) ||
    (invalidArgument && /\binvalid position\b/i.test(error.message))
  );
}

function isRefusal(error: ClientError): boolean {
  return refusals.has(error.type ?? "") || refusalsByCode.has(error.code ?? -1);
}

function isUnanswered(error: ClientError): boolean {
  return unansweredTypes.has(error.type ?? "") || unansweredCodes.has(error.code ?? -1);
}

/** Batch append errors have an empty message, so the type is always included. */
function reason(error: ClientError): string {
  return [error.type ?? `code ${error.code}`, error.message].filter(Boolean).join(": ");
}
