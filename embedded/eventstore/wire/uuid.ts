import { forEachField } from "./protobuf.ts";

const canonical = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;

/** The 16 bytes of a UUID written with dashes, also in braces or upper case as .NET accepts it; undefined for other text. */
export function parseUuid(text: string): Buffer | undefined {
  const bare = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1) : text;
  const match = canonical.exec(bare.toLowerCase());
  return match ? Buffer.from(match.slice(1).join(""), "hex") : undefined;
}

/** The canonical text of 16 bytes. */
export function formatUuid(id: Buffer): string {
  const hex = id.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Decodes event_store.client.UUID (structured or string); undefined when it is neither or no UUID. */
export function decodeUuid(message: Buffer): Buffer | undefined {
  let id: Buffer | undefined;
  forEachField(message, ({ number, bytes }) => {
    if (number === 2) id = parseUuid(bytes.toString());
    if (number === 1) id = structuredUuid(bytes);
  });
  return id;
}

function structuredUuid(message: Buffer): Buffer {
  const id = Buffer.alloc(16);
  forEachField(message, ({ number, varint }) => {
    if (number === 1) id.writeBigUInt64BE(varint, 0);
    if (number === 2) id.writeBigUInt64BE(varint, 8);
  });
  return id;
}
