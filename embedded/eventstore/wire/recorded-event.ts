import { bytesField, forEachField, stringField, varint, varintField } from "./protobuf.ts";
import { formatUuid } from "./uuid.ts";

/** An event as it is stored and as readers see it. `created` is in ticks of 100 ns since the Unix epoch. */
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

/** A whole ReadResp with where, in it, the bytes of the stream's name and of the type lie. */
export type EventFrame = { bytes: Buffer; name: Span; type: Span };
export type Span = { start: number; length: number };

const typeKey = stringField(1, "type");
const jsonEntry = mapEntry("content-type", "application/json");
const binaryEntry = mapEntry("content-type", "application/octet-stream");
const createdKey = stringField(1, "created");

/**
 * Encodes the ReadResp that carries this event, once, at the append; reads and subscriptions send these bytes as they
 * are. The name and the type come first in the message, so that filters find them without decoding.
 */
export function encodeEventFrame(event: RecordedEvent): EventFrame {
  const name = Buffer.from(event.stream);
  const type = Buffer.from(event.type);
  const id = bytesField(1, stringField(2, formatUuid(event.id)));
  const identifier = bytesField(2, bytesField(3, name));
  const typeEntry = bytesField(6, typeKey, bytesField(2, type));
  const recorded = [
    id,
    identifier,
    typeEntry,
    varintField(3, event.revision),
    varintField(4, event.position),
    varintField(5, event.position),
    bytesField(6, createdKey, stringField(2, event.created.toString())),
    event.isJson ? jsonEntry : binaryEntry,
    bytesField(7, event.customMetadata),
    bytesField(8, event.data),
  ];
  const commit = varintField(3, event.position);
  const recordedLength = recorded.reduce((sum, part) => sum + part.length, 0);
  const recordedHead = Buffer.concat([varint(0x0a), varint(recordedLength)]);
  const readEventLength = recordedHead.length + recordedLength + commit.length;
  const head = Buffer.concat([varint(0x0a), varint(readEventLength), recordedHead]);
  const identifierEnd = head.length + id.length + identifier.length;
  return {
    bytes: Buffer.concat([head, ...recorded, commit]),
    name: { start: identifierEnd - name.length, length: name.length },
    type: { start: identifierEnd + typeEntry.length - type.length, length: type.length },
  };
}

function mapEntry(key: string, value: string): Buffer {
  return bytesField(6, stringField(1, key), stringField(2, value));
}

/** The data of the event in a frame. */
export function eventData(frame: Buffer): Buffer {
  return field(field(field(frame, 1), 1), 8);
}

function field(message: Buffer, wanted: number): Buffer {
  let found: Buffer = Buffer.alloc(0);
  forEachField(message, ({ number, bytes }) => {
    if (number === wanted) found = bytes;
  });
  return found;
}
