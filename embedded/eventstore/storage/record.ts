import { encodeEventFrame, type RecordedEvent } from "../wire/recorded-event.ts";

/**
 * An event in the log. Its record has a header of fixed size with what the server itself looks at, then the ReadResp
 * that clients get:
 *   0 revision u64 · 8 created u64 · 16 event id · 32 name offset u32 · 36 name length · 40 type offset · 44 type length
 */
export type StoredEvent = { position: bigint; record: Buffer };

const headerSize = 48;

export function encodeRecord(event: RecordedEvent): Buffer {
  const { buffer, start, name, type } = encodeEventFrame(event, headerSize);
  const record = buffer.subarray(start - headerSize);
  record.writeBigUInt64BE(event.revision, 0);
  record.writeBigUInt64BE(event.created, 8);
  event.id.copy(record, 16);
  record.writeUInt32BE(name.start - start + headerSize, 32);
  record.writeUInt32BE(name.length, 36);
  record.writeUInt32BE(type.start - start + headerSize, 40);
  record.writeUInt32BE(type.length, 44);
  return record;
}

export function revisionOf({ record }: StoredEvent): bigint {
  return record.readBigUInt64BE(0);
}

/** Ticks of 100 ns since the Unix epoch. */
export function createdOf({ record }: StoredEvent): bigint {
  return record.readBigUInt64BE(8);
}

export function idOf({ record }: StoredEvent): Buffer {
  return record.subarray(16, 32);
}

/** UTF-8. */
export function streamNameOf({ record }: StoredEvent): Buffer {
  return span(record, 32);
}

/** UTF-8. */
export function eventTypeOf({ record }: StoredEvent): Buffer {
  return span(record, 40);
}

/** The whole ReadResp, ready to be sent. */
export function frameOf({ record }: StoredEvent): Buffer {
  return record.subarray(headerSize);
}

function span(record: Buffer, at: number): Buffer {
  const start = record.readUInt32BE(at);
  return record.subarray(start, start + record.readUInt32BE(at + 4));
}
