import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { InvalidPosition, InvalidRequest, StreamDeleted, Unsupported } from "../semantics/errors.ts";
import type { ExpectedRevision } from "../semantics/expected-revision.ts";
import { maxAppendSize, type ProposalFault } from "../semantics/proposed-event.ts";
import { DamagedStore } from "../storage/damage.ts";
import { MalformedMessage } from "../wire/protobuf.ts";

/** A gRPC status with the trailers by which clients distinguish errors: `exception` and its details. */
function rpcError(code: status, details: string, trailers: Record<string, string> = {}): ServiceError {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

function invalidArgument(details: string): ServiceError {
  return rpcError(status.INVALID_ARGUMENT, details);
}

function streamDeleted({ stream, message }: StreamDeleted): ServiceError {
  const trailers = { exception: "stream-deleted", "stream-name": encodeTrailer(stream) };
  return rpcError(status.FAILED_PRECONDITION, message, trailers);
}

/** A delete that expected another revision; numbers below 0 stand for the words, as in EventStoreDB's message. */
export function deleteConflict(stream: string, expected: ExpectedRevision, current: bigint | undefined): ServiceError {
  const expectedNumber =
    typeof expected === "bigint" ? expected : { any: -2, no_stream: -1, stream_exists: -4 }[expected];
  const actual = current ?? -1n;
  const details = `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expectedNumber}, Actual version: ${actual}`;
  return rpcError(status.FAILED_PRECONDITION, details, {
    exception: "wrong-expected-version",
    "stream-name": encodeTrailer(stream),
    "expected-version": String(expectedNumber),
    "actual-version": String(actual),
  });
}

export function timedOut(): ServiceError {
  return rpcError(status.ABORTED, "The deadline passed before the events were written; nothing was.");
}

export function cancelled(): ServiceError {
  return rpcError(status.CANCELLED, "The event store is shutting down.");
}

export function refusedProposal(fault: ProposalFault): ServiceError {
  switch (fault.kind) {
    case "missing_metadata":
      return rpcError(status.INVALID_ARGUMENT, `Required Metadata Property '${fault.property}' is missing`, {
        exception: "missing-required-metadata-property",
        "required-metadata-properties": "type,content-type",
      });
    case "too_large":
      return rpcError(status.INVALID_ARGUMENT, `Maximum Append Size of ${maxAppendSize} Exceeded.`, {
        exception: "maximum-append-size-exceeded",
        "maximum-append-size": String(maxAppendSize),
      });
    case "invalid":
      return invalidArgument(fault.reason);
  }
}

/** Maps the error of a handler to a status: errors of the request are the client's, all others the server's. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof MalformedMessage || error instanceof InvalidRequest) return invalidArgument(error.message);
  if (error instanceof InvalidPosition) return rpcError(status.UNKNOWN, error.message);
  if (error instanceof Unsupported) return rpcError(status.UNIMPLEMENTED, error.message);
  if (error instanceof StreamDeleted) return streamDeleted(error);
  if (error instanceof DamagedStore) return rpcError(status.DATA_LOSS, error.message);
  if (error instanceof Error && "code" in error && "metadata" in error) return error as ServiceError;
  return rpcError(
    status.UNAVAILABLE,
    `The event store failed: ${error instanceof Error ? error.message : String(error)}`,
  );
}

/** Trailers are ASCII: other names are percent-encoded. */
function encodeTrailer(value: string): string {
  return /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value);
}
