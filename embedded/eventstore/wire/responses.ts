import type { ExpectedRevision } from "../semantics/expected-revision.ts";
import { bytesField, stringField, varintField } from "./protobuf.ts";

const nothing = (field: number): Buffer => bytesField(field);

/** AppendResp.Success; a revision below 0 is no_stream. */
export function appendSuccess(revision: bigint, position: bigint | undefined): Buffer {
  return bytesField(1, revision < 0n ? nothing(2) : varintField(1, revision), successPosition(position));
}

/** The position in AppendResp and BatchAppendResp; undefined is no_position. */
export function successPosition(position: bigint | undefined): Buffer {
  return position === undefined ? nothing(4) : positionField(3, position);
}

/** DeleteResp and TombstoneResp. */
export function deleteResponse(position: bigint | undefined): Buffer {
  return position === undefined ? nothing(2) : positionField(1, position);
}

/** A position, whose two halves are equal except in some checkpoints. */
function positionField(field: number, commit: bigint, prepare = commit): Buffer {
  return bytesField(field, varintField(1, commit), varintField(2, prepare));
}

/** AppendResp.WrongExpectedVersion; `current` is undefined for a stream without events. */
export function appendWrongExpectedVersion(current: bigint | undefined, expected: ExpectedRevision): Buffer {
  const found = current === undefined ? nothing(7) : varintField(6, current);
  return bytesField(2, found, expectedField(expected));
}

function expectedField(expected: ExpectedRevision): Buffer {
  if (typeof expected === "bigint") return varintField(8, expected);
  return nothing(expected === "any" ? 9 : expected === "stream_exists" ? 10 : 11);
}

/** The ReadResp messages that carry no event. */
export function subscriptionConfirmation(subscriptionId: string): Buffer {
  return bytesField(2, stringField(1, subscriptionId));
}

export function checkpoint(commit: bigint, prepare: bigint): Buffer {
  return positionField(3, commit, prepare);
}

export function streamNotFound(stream: string): Buffer {
  return bytesField(4, bytesField(1, bytesField(3, Buffer.from(stream))));
}

/** Where a read that found no event could continue. */
export function firstStreamPosition(revision: bigint): Buffer {
  return varintField(5, revision);
}

export function lastStreamPosition(revision: bigint): Buffer {
  return varintField(6, revision);
}

export const caughtUp: Buffer = nothing(8);
