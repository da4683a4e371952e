import type { EventMetadata, ReadDetail, RecordedEvent } from "../types.ts";
import { type Position, readPosition } from "./appendResponse.ts";
import { essentialMetadata } from "./essentialMetadata.ts";
import { eventAndLink, mapEntry, readResp, recordedEvent, streamIdentifier, uuid } from "./fields.ts";
import { onePosition } from "./position.ts";
import { ProtobufReader } from "./protobufReader.ts";

/** The content of a ReadResp. `other` is not used: a confirmation, or the bounds of a stream. */
export type ReadResponse =
  | { readonly kind: "event"; readonly event: RecordedEvent }
  | { readonly kind: "checkpoint"; readonly position: bigint }
  | { readonly kind: "caughtUp" }
  | { readonly kind: "notFound" }
  | { readonly kind: "other" };

const caughtUp = { kind: "caughtUp" } as const;
const notFound = { kind: "notFound" } as const;
const other = { kind: "other" } as const;

/** Throws MalformedMessage, and an Error for content that the store must not send. */
export function decodeReadResponse(message: Buffer, detail: ReadDetail = "all"): ReadResponse {
  const reader = new ProtobufReader(message);
  let response: ReadResponse = other;
  for (let field = reader.next(reader.end()); field !== 0; field = reader.next(reader.end())) {
    if (field === readResp.event) response = { kind: "event", event: readEvent(reader, detail) };
    else {
      if (field === readResp.checkpoint) {
        // Catching up, the real server sends where the page begins that comes next: there its two halves differ.
        response = { kind: "checkpoint", position: readPosition(reader).commit };
        continue;
      }
      if (field === readResp.streamNotFound) response = notFound;
      else if (field === readResp.caughtUp) response = caughtUp;
      reader.skip();
    }
  }
  return response;
}

/** ReadEvent: the event; its link and position fields are not used. */
function readEvent(reader: ProtobufReader, detail: ReadDetail): RecordedEvent {
  const end = reader.enter();
  let event: RecordedEvent | undefined;
  for (let field = reader.next(end); field !== 0; field = reader.next(end)) {
    if (field === eventAndLink.event) event = readRecorded(reader, detail);
    else reader.skip();
  }
  if (event === undefined) throw new Error("the event store sent a link without its event");
  return event;
}

/**
 * A recorded event. Metadata is as stored: for foreign events fields may be missing, or it may not be JSON; the codec checks
 * it.
 */
function readRecorded(reader: ProtobufReader, detail: ReadDetail): RecordedEvent {
  const end = reader.enter();
  const position: Position = { commit: 0n, prepare: 0n };
  const attributes = { type: "<no-event-type-provided>", created: 0, contentType: "" };
  let id = "";
  let stream = "";
  let revision = 0n;
  let metadata = empty;
  let data = empty;
  for (let field = reader.next(end); field !== 0; field = reader.next(end)) {
    if (field === recordedEvent.id) id = readMember(reader, uuid.string);
    else if (field === recordedEvent.streamIdentifier) stream = readMember(reader, streamIdentifier.streamName);
    else if (field === recordedEvent.streamRevision) revision = reader.uint64();
    else if (field === recordedEvent.preparePosition) position.prepare = reader.uint64();
    else if (field === recordedEvent.commitPosition) position.commit = reader.uint64();
    else if (field === recordedEvent.metadata) readAttribute(reader, attributes);
    else if (field === recordedEvent.customMetadata) metadata = reader.view();
    else if (field === recordedEvent.data) data = reader.view();
    else reader.skip();
  }
  const { type, created, contentType } = attributes;
  return {
    id,
    type,
    stream,
    revision,
    position: onePosition(position),
    created: new Date(created),
    data: contentType === "application/json" ? jsonOf(data, (text) => text) : Uint8Array.from(data),
    metadata: (detail === "essential" && essentialMetadata(metadata)) || metadataOf(metadata),
  };
}

const empty: Buffer = Buffer.alloc(0);

function metadataOf(bytes: Buffer): EventMetadata {
  return (bytes.length === 0 ? {} : jsonOf(bytes, () => Uint8Array.from(bytes))) as EventMetadata;
}

/** The text in field `wanted` of a message that has one. */
function readMember(reader: ProtobufReader, wanted: number): string {
  const end = reader.enter();
  let text = "";
  for (let field = reader.next(end); field !== 0; field = reader.next(end)) {
    if (field === wanted) text = reader.text();
    else reader.skip();
  }
  return text;
}

const attributeNames = ["type", "created", "content-type"];
const contentTypes = ["application/json"];
/** An event often has the type of the one before it. */
let likelyTypes: readonly string[] = [];

/** An entry of a map: the name comes first, as all encoders write it. */
function readAttribute(reader: ProtobufReader, attributes: { type: string; created: number; contentType: string }) {
  const end = reader.enter();
  let name = "";
  for (let field = reader.next(end); field !== 0; field = reader.next(end)) {
    if (field === mapEntry.key) name = reader.textAmong(attributeNames);
    else if (field !== mapEntry.value) reader.skip();
    else if (name === "type") attributes.type = readType(reader);
    // Ticks of 100 ns since the Unix epoch: more digits than a number holds, so the last four are cut off.
    else if (name === "created") attributes.created = reader.digits(4) || 0;
    else if (name === "content-type") attributes.contentType = reader.textAmong(contentTypes);
    else reader.skip();
  }
}

function readType(reader: ProtobufReader): string {
  const type = reader.textAmong(likelyTypes);
  if (type !== likelyTypes[0]) likelyTypes = [type];
  return type;
}

function jsonOf(bytes: Buffer, otherwise: (text: string) => unknown): unknown {
  const text = bytes.toString();
  try {
    return JSON.parse(text);
  } catch {
    return otherwise(text);
  }
}
