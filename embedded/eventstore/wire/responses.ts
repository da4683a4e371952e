import type { ExpectedRevision } from "../semantics/expected-revision.ts";
import { bytesField, stringField, varintField } from "./protobuf.ts";

const nothing = (field: number): Buffer => bytesField(field);

/** AppendResp.Success; a missing `position` is no_position, a revision below 0 no_stream. */
export function appendSuccess(revision: bigint, position: bigint | undefined): Buffer {
  const place = position === undefined ? nothing(4) : bytesField(3, varintField(1, position), varintField(2, position));
  return bytesField(1, revision < 0n ? nothing(2) : varintField(1, revision), place);
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

export function checkpoint(position: bigint): Buffer {
  return bytesField(3, varintField(1, position), varintField(2, position));
}

export function streamNotFound(stream: string): Buffer {
  return bytesField(4, bytesField(1, bytesField(3, Buffer.from(stream))));
}

export const caughtUp: Buffer = nothing(8);
