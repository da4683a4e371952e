import { createHash } from "node:crypto";
import type { StreamFacts } from "../semantics/expected-revision.ts";
import { isSoftDeleted, type Retention, unlimited } from "../semantics/stream-metadata.ts";

/** What is stored of one stream beside its events. `number` stands for the name in the index. */
export type StreamEntry = {
  number: bigint;
  lastRevision: bigint;
  tombstoned: boolean;
  hasMetadata: boolean;
  retention: Retention;
};

const size = 41;

export function newStream(number: bigint): StreamEntry {
  return { number, lastRevision: -1n, tombstoned: false, hasMetadata: false, retention: unlimited };
}

export function streamFacts(entry: StreamEntry | undefined): StreamFacts {
  return {
    lastRevision: entry?.lastRevision ?? -1n,
    tombstoned: entry?.tombstoned ?? false,
    softDeleted: entry !== undefined && isSoftDeleted(entry.retention),
    hasMetadata: entry?.hasMetadata ?? false,
  };
}

export function encodeStreamEntry(entry: StreamEntry): Buffer {
  const bytes = Buffer.alloc(size);
  bytes[0] = (entry.tombstoned ? 1 : 0) | (entry.hasMetadata ? 2 : 0);
  bytes.writeBigInt64BE(entry.number, 1);
  bytes.writeBigInt64BE(entry.lastRevision, 9);
  bytes.writeBigInt64BE(entry.retention.truncateBefore, 17);
  bytes.writeBigInt64BE(entry.retention.maxCount, 25);
  bytes.writeBigInt64BE(entry.retention.maxAgeSeconds, 33);
  return bytes;
}

export function decodeStreamEntry(bytes: Buffer): StreamEntry {
  const flags = bytes[0] ?? 0;
  return {
    number: bytes.readBigInt64BE(1),
    lastRevision: bytes.readBigInt64BE(9),
    tombstoned: (flags & 1) !== 0,
    hasMetadata: (flags & 2) !== 0,
    retention: {
      truncateBefore: bytes.readBigInt64BE(17),
      maxCount: bytes.readBigInt64BE(25),
      maxAgeSeconds: bytes.readBigInt64BE(33),
    },
  };
}

/** A name, or, as LMDB takes keys of at most 1,978 bytes, the hash of a long one. The first byte says which. */
export function streamKey(name: string): Buffer {
  const bytes = Buffer.from(name);
  if (bytes.length <= 1000) return Buffer.concat([Buffer.of(0), bytes]);
  return Buffer.concat([Buffer.of(1), createHash("sha256").update(bytes).digest()]);
}
