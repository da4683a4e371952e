import { encodeEventFrame, type RecordedEvent } from "../wire/recorded-event.ts";

/**
 * An event in the log. Its record has a header of fixed size with the fields that the server itself uses, then the ReadResp that
 * clients get:
 *   0 position u64 · 8 revision u64 · 16 created u64 · 24 event id · 40 name offset u32 · 44 name length · 48 type offset ·
 *   52 type length
 */
export type StoredEvent = { position: bigint; record: Buffer };

const headerSize = 56;

export function encodeRecord(event: RecordedEvent): Buffer {
  const { buffer, start, name, type } = encodeEventFrame(event, headerSize);
  const record = buffer.subarray(start - headerSize);
  record.writeBigUInt64BE(event.position, 0);
  record.writeBigUInt64BE(event.revision, 8);
  record.writeBigUInt64BE(event.created, 16);
  event.id.copy(record, 24);
  record.writeUInt32BE(name.start - start + headerSize, 40);
  record.writeUInt32BE(name.length, 44);
  record.writeUInt32BE(type.start - start + headerSize, 48);
  record.writeUInt32BE(type.length, 52);
  return record;
}

export function storedEvent(record: Buffer): StoredEvent {
  return { position: record.readBigUInt64BE(0), record };
}

export function revisionOf({ record }: StoredEvent): bigint {
  return record.readBigUInt64BE(8);
}

/** Ticks of 100 ns since the Unix epoch. */
export function createdOf({ record }: StoredEvent): bigint {
  return record.readBigUInt64BE(16);
}

export function idOf({ record }: StoredEvent): Buffer {
  return record.subarray(24, 40);
}

/** The stream name, UTF-8. */
export function streamNameOf({ record }: StoredEvent): Buffer {
  return span(record, 40);
}

/** The event type, UTF-8. */
export function eventTypeOf({ record }: StoredEvent): Buffer {
  return span(record, 48);
}

/** The whole ReadResp, ready to be sent. */
export function frameOf({ record }: StoredEvent): Buffer {
  return record.subarray(headerSize);
}

function span(record: Buffer, at: number): Buffer {
  const start = record.readUInt32BE(at);
  return record.subarray(start, start + record.readUInt32BE(at + 4));
}
