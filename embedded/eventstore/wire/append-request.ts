import type { ExpectedRevision } from "../semantics/expected-revision.ts";
import type { ProposedEvent } from "../semantics/proposed-event.ts";
import { forEachField } from "./protobuf.ts";
import { decodeUuid } from "./uuid.ts";

/** One message of the stream of AppendReq: first the options, then one event each. */
export type AppendMessage =
  | { kind: "options"; stream: string | undefined; expected: ExpectedRevision | undefined }
  | { kind: "event"; event: ProposedEvent }
  | { kind: "nothing" };

export function decodeAppendMessage(message: Buffer): AppendMessage {
  let decoded: AppendMessage = { kind: "nothing" };
  forEachField(message, ({ number, bytes }) => {
    if (number === 1) decoded = { kind: "options", ...decodeStreamAndRevision(bytes) };
    if (number === 2) decoded = { kind: "event", event: decodeProposedEvent(bytes) };
  });
  return decoded;
}

/** The common part of AppendReq.Options, DeleteReq.Options and TombstoneReq.Options. */
export function decodeStreamAndRevision(options: Buffer): {
  stream: string | undefined;
  expected: ExpectedRevision | undefined;
} {
  let stream: string | undefined;
  let expected: ExpectedRevision | undefined;
  forEachField(options, ({ number, varint, bytes }) => {
    if (number === 1) stream = decodeStreamIdentifier(bytes);
    if (number === 2) expected = varint;
    if (number === 3) expected = "no_stream";
    if (number === 4) expected = "any";
    if (number === 5) expected = "stream_exists";
  });
  return { stream, expected };
}

/** DeleteReq and TombstoneReq. */
export function decodeDeleteRequest(message: Buffer): ReturnType<typeof decodeStreamAndRevision> {
  let options: ReturnType<typeof decodeStreamAndRevision> = { stream: undefined, expected: undefined };
  forEachField(message, ({ number, bytes }) => {
    if (number === 1) options = decodeStreamAndRevision(bytes);
  });
  return options;
}

export function decodeStreamIdentifier(message: Buffer): string {
  let name = "";
  forEachField(message, ({ number, bytes }) => {
    if (number === 3) name = bytes.toString();
  });
  return name;
}

export function decodeProposedEvent(message: Buffer): ProposedEvent {
  const event: ProposedEvent = {
    id: undefined,
    type: undefined,
    contentType: undefined,
    customMetadata: Buffer.alloc(0),
    data: Buffer.alloc(0),
  };
  forEachField(message, ({ number, bytes }) => {
    if (number === 1) event.id = decodeUuid(bytes);
    if (number === 2) setMetadata(event, bytes);
    if (number === 3) event.customMetadata = bytes;
    if (number === 4) event.data = bytes;
  });
  return event;
}

function setMetadata(event: ProposedEvent, entry: Buffer): void {
  let key = "";
  let value: Buffer = entry;
  forEachField(entry, ({ number, bytes }) => {
    if (number === 1) key = bytes.toString("latin1");
    if (number === 2) value = bytes;
  });
  if (key === "type") event.type = value === entry ? "" : value.toString();
  if (key === "content-type") event.contentType = value === entry ? "" : value.toString();
}
