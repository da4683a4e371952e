import type { Filterable } from "../semantics/filter.ts";
import { encodeEventFrame, type RecordedEvent } from "../wire/recorded-event.ts";

/**
 * A log record: a header of fixed size with what the server itself looks at, then the ReadResp that clients get.
 *   0 revision u64 · 8 created u64 · 16 event id · 32 name offset u32 · 36 name length · 40 type offset · 44 type length
 */
const headerSize = 48;

export type StoredEvent = Filterable & {
  position: bigint;
  revision(): bigint;
  created(): bigint;
  id(): Buffer;
  /** The whole ReadResp, ready to be sent. */
  frame(): Buffer;
};

export function encodeRecord(event: RecordedEvent): Buffer {
  const frame = encodeEventFrame(event);
  const header = Buffer.allocUnsafe(headerSize);
  header.writeBigUInt64BE(event.revision, 0);
  header.writeBigUInt64BE(event.created, 8);
  event.id.copy(header, 16);
  header.writeUInt32BE(headerSize + frame.name.start, 32);
  header.writeUInt32BE(frame.name.length, 36);
  header.writeUInt32BE(headerSize + frame.type.start, 40);
  header.writeUInt32BE(frame.type.length, 44);
  return Buffer.concat([header, frame.bytes]);
}

/** A view of a record; its parts are slices, so it is valid as long as `record` is not overwritten. */
export function storedEvent(position: bigint, record: Buffer): StoredEvent {
  const span = (at: number) =>
    record.subarray(record.readUInt32BE(at), record.readUInt32BE(at) + record.readUInt32BE(at + 4));
  return {
    position,
    revision: () => record.readBigUInt64BE(0),
    created: () => record.readBigUInt64BE(8),
    id: () => record.subarray(16, 32),
    streamName: () => span(32),
    eventType: () => span(40),
    frame: () => record.subarray(headerSize),
  };
}
