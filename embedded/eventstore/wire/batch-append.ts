import type { ExpectedRevision } from "../semantics/expected-revision.ts";
import type { ProposedEvent } from "../semantics/proposed-event.ts";
import { decodeProposedEvent, decodeStreamAndRevision } from "./append-request.ts";
import { bytesField, forEachField, stringField, varintField } from "./protobuf.ts";
import { successPosition } from "./responses.ts";

/** One chunk of a batch append: the first one has options, the last one is final. */
export type BatchChunk = {
  /** The UUID message as received: the answer returns it. */
  correlationId: Buffer;
  options: BatchOptions | undefined;
  events: ProposedEvent[];
  isFinal: boolean;
};

export type BatchOptions = {
  stream: string | undefined;
  expected: ExpectedRevision | undefined;
  /** Milliseconds since the Unix epoch. */
  deadline: number | undefined;
};

/** @param now milliseconds since the Unix epoch, from which a deadline given as a duration counts */
export function decodeBatchChunk(message: Buffer, now: number): BatchChunk {
  const chunk: BatchChunk = { correlationId: Buffer.alloc(0), options: undefined, events: [], isFinal: false };
  forEachField(message, ({ number, varint, bytes }) => {
    if (number === 1) chunk.correlationId = bytes;
    if (number === 2) chunk.options = decodeOptions(bytes, now);
    if (number === 3) chunk.events.push(decodeProposedEvent(bytes));
    if (number === 4) chunk.isFinal = varint !== 0n;
  });
  return chunk;
}

function decodeOptions(options: Buffer, now: number): BatchOptions {
  let deadline: number | undefined;
  forEachField(options, ({ number, bytes }) => {
    if (number === 6) deadline = decodeMilliseconds(bytes);
    if (number === 7) deadline = now + decodeMilliseconds(bytes);
  });
  return { ...decodeStreamAndRevision(options), deadline };
}

/** google.protobuf.Timestamp and Duration alike: seconds and nanoseconds. */
function decodeMilliseconds(message: Buffer): number {
  let milliseconds = 0;
  forEachField(message, ({ number, varint }) => {
    if (number === 1) milliseconds += Number(BigInt.asIntN(64, varint)) * 1000;
    if (number === 2) milliseconds += Number(BigInt.asIntN(32, varint)) / 1e6;
  });
  return milliseconds;
}

/** The result of a chunk of a batch append; each is answered with the correlation id and the stream. */
export type BatchAnswer =
  | { kind: "success"; revision: bigint; position: bigint | undefined }
  | { kind: "wrong_expected_version"; current: bigint | undefined; expected: ExpectedRevision }
  | { kind: "stream_deleted"; stream: string }
  | { kind: "timeout" }
  | { kind: "too_large"; limit: number }
  | { kind: "bad_request"; message: string }
  | { kind: "unknown"; message: string };

export function encodeBatchAnswer(correlationId: Buffer, stream: string | undefined, answer: BatchAnswer): Buffer {
  const correlation = bytesField(1, correlationId);
  const result = answer.kind === "success" ? encodeSuccess(answer) : bytesField(2, ...encodeError(answer));
  return stream === undefined
    ? Buffer.concat([correlation, result])
    : Buffer.concat([correlation, result, streamIdentifier(4, stream)]);
}

function encodeSuccess({ revision, position }: BatchAnswer & { kind: "success" }): Buffer {
  return bytesField(3, revision < 0n ? bytesField(2) : varintField(1, revision), successPosition(position));
}

/** The fields of google.rpc.Status. */
function encodeError(answer: Exclude<BatchAnswer, { kind: "success" }>): Buffer[] {
  switch (answer.kind) {
    case "wrong_expected_version":
      return status(6, "WrongExpectedVersion", ...conflict(answer));
    case "stream_deleted":
      return status(5, "StreamDeleted", streamIdentifier(1, answer.stream));
    case "timeout":
      return status(4, "Timeout");
    case "too_large":
      return status(3, "MaximumAppendSizeExceeded", varintField(1, answer.limit));
    case "bad_request":
      return status(3, "BadRequest", stringField(1, answer.message));
    case "unknown":
      return status(2, "Unknown");
  }
}

/** A status whose message and single detail have the same name. */
function status(code: number, name: string, ...detail: Buffer[]): Buffer[] {
  const type = stringField(1, `type.googleapis.com/event_store.client.${name}`);
  return [varintField(1, code), stringField(2, name), bytesField(3, type, bytesField(2, ...detail))];
}

function conflict({ current, expected }: BatchAnswer & { kind: "wrong_expected_version" }): Buffer[] {
  const found = current === undefined ? bytesField(2) : varintField(1, current);
  if (typeof expected === "bigint") return [found, varintField(3, expected)];
  return [found, bytesField(expected === "any" ? 4 : expected === "stream_exists" ? 5 : 6)];
}

function streamIdentifier(field: number, stream: string): Buffer {
  return bytesField(field, bytesField(3, Buffer.from(stream)));
}
