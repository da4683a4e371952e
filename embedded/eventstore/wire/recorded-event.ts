import { bytesField, forEachField, stringField, varint } from "./protobuf.ts";
import { decodeUuid, encodeStructuredUuid, writeUuid } from "./uuid.ts";

/** An event as it is stored and returned to readers. `created` is in ticks of 100 ns since the Unix epoch. */
export type RecordedEvent = {
  id: Buffer;
  stream: string;
  revision: bigint;
  position: bigint;
  created: bigint;
  type: string;
  isJson: boolean;
  customMetadata: Buffer;
  data: Buffer;
};

/** A complete ReadResp, after `start` unused bytes in the same buffer, and the offsets of the stream's name and the type. */
export type EventFrame = { buffer: Buffer; start: number; name: Span; type: Span };
export type Span = { start: number; length: number };

const idHead = Buffer.of(0x0a, 38, 0x12, 36);
const typeKey = stringField(1, "type");
const createdKey = stringField(1, "created");
const contentTypeKey = stringField(1, "content-type");
const json = stringField(2, "application/json");
const octets = stringField(2, "application/octet-stream");

/** Maximum size of the fields below, beside the texts and payloads of the event. */
const overhead = 256;
/** Two tags with their lengths, before the RecordedEvent. */
const maxHead = 12;

/**
 * Encodes the ReadResp that carries this event, once, at the append; reads and subscriptions send these bytes as they
 * are. The name and the type come first in the message, so that filters find them without decoding. All is written
 * into one buffer: an object for each field cost more in garbage collection than the encoding itself.
 * @param free the minimum number of bytes to leave unused before the frame
 */
export function encodeEventFrame(event: RecordedEvent, free: number): EventFrame {
  const nameLength = Buffer.byteLength(event.stream);
  const typeLength = Buffer.byteLength(event.type);
  const payload = event.customMetadata.length + event.data.length;
  const buffer = Buffer.allocUnsafe(free + overhead + nameLength + typeLength + payload);
  const body = free + maxHead;
  let at = body;
  at += idHead.copy(buffer, at);
  at = writeUuid(event.id, buffer, at);

  at = putTag(buffer, at, 0x12, 1 + varintLength(nameLength) + nameLength);
  at = putTag(buffer, at, 0x1a, nameLength);
  const name = { start: at, length: nameLength };
  at += buffer.write(event.stream, at);

  at = putTag(buffer, at, 0x32, typeKey.length + 1 + varintLength(typeLength) + typeLength);
  at += typeKey.copy(buffer, at);
  at = putTag(buffer, at, 0x12, typeLength);
  const type = { start: at, length: typeLength };
  at += buffer.write(event.type, at);

  at = putNumber(buffer, at, 0x18, event.revision);
  at = putNumber(buffer, at, 0x20, event.position);
  at = putNumber(buffer, at, 0x28, event.position);

  const created = event.created.toString();
  at = putTag(buffer, at, 0x32, createdKey.length + 2 + created.length);
  at += createdKey.copy(buffer, at);
  at = putTag(buffer, at, 0x12, created.length);
  at += buffer.write(created, at, "latin1");

  const contentType = event.isJson ? json : octets;
  at = putTag(buffer, at, 0x32, contentTypeKey.length + contentType.length);
  at += contentTypeKey.copy(buffer, at);
  at += contentType.copy(buffer, at);

  at = putTag(buffer, at, 0x3a, event.customMetadata.length);
  at += event.customMetadata.copy(buffer, at);
  at = putTag(buffer, at, 0x42, event.data.length);
  at += event.data.copy(buffer, at);

  const recordedLength = at - body;
  at = putNumber(buffer, at, 0x18, event.position);
  // The lengths are known only now: the head is written directly before the body.
  const recordedHead = body - 1 - varintLength(recordedLength);
  putTag(buffer, recordedHead, 0x0a, recordedLength);
  const start = recordedHead - 1 - varintLength(at - recordedHead);
  putTag(buffer, start, 0x0a, at - recordedHead);
  return { buffer: buffer.subarray(0, at), start, name, type };
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Writes a one-byte tag and a small number (a length, too, is written so); returns where the next byte goes. */
function putTag(buffer: Buffer, at: number, tag: number, value: number): number {
  buffer[at++] = tag;
  let rest = value;
  while (rest >= 0x80) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

function putNumber(buffer: Buffer, at: number, tag: number, value: bigint): number {
  if (value < 0x7fff_ffffn) return putTag(buffer, at, tag, Number(value));
  buffer[at] = tag;
  return at + 1 + varint(value).copy(buffer, at + 1);
}

/** The data of the event in a frame. */
export function eventData(frame: Buffer): Buffer {
  return field(recordedEvent(frame), 8);
}

/** The ReadResp with a link and its event, or without the event if that is not visible. */
export function linkedEventFrame(link: Buffer, target: Buffer | undefined): Buffer {
  const shown = target ? [bytesField(1, recordedEvent(target))] : [];
  return bytesField(1, ...shown, bytesField(2, recordedEvent(link)), fieldBytes(field(link, 1), 3));
}

/** The same ReadResp with its ids as two numbers of 64 bits instead of text. */
export function withStructuredIds(frame: Buffer): Buffer {
  const event = field(frame, 1);
  const parts: Buffer[] = [];
  forEachField(event, ({ number, bytes, start, end }) => {
    parts.push(number === 1 || number === 2 ? bytesField(number, structuredId(bytes)) : event.subarray(start, end));
  });
  return bytesField(1, ...parts);
}

function structuredId(event: Buffer): Buffer {
  const parts: Buffer[] = [];
  forEachField(event, ({ number, bytes, start, end }) => {
    const id = number === 1 ? decodeUuid(bytes) : undefined;
    parts.push(Buffer.isBuffer(id) ? bytesField(1, encodeStructuredUuid(id)) : event.subarray(start, end));
  });
  return Buffer.concat(parts);
}

function recordedEvent(frame: Buffer): Buffer {
  return field(field(frame, 1), 1);
}

function field(message: Buffer, wanted: number): Buffer {
  let found: Buffer = Buffer.alloc(0);
  forEachField(message, ({ number, bytes }) => {
    if (number === wanted) found = bytes;
  });
  return found;
}

/** The whole field, with its tag. */
function fieldBytes(message: Buffer, wanted: number): Buffer {
  let found: Buffer = Buffer.alloc(0);
  forEachField(message, ({ number, start, end }) => {
    if (number === wanted) found = message.subarray(start, end);
  });
  return found;
}
