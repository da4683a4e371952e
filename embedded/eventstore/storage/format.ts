import { crc32 } from "node:zlib";

/*
 * A chunk file is a header, commits one after another and, when it is full, a seal:
 *   chunk header  magic u64 · version u32 · number u32 · first position u64 · crc32 of these u32
 *   commit        magic u32 · bytes of records u32 · records u32 · next position u64 · crc32 of these u32 · records
 *   record        length u32 · crc32 u32 · bytes
 *   seal          a commit's header with a its own magic and no records
 * An incomplete commit is ignored. Zeros, or a part of a commit that a crash left, may follow the last one.
 */
const chunkMagic = Buffer.from("HEIMALOG");
const commitMagic = 0x434f4d54;
const sealMagic = 0x5345414c;
const version = 1;

export const chunkHeaderSize = 28;
export const commitHeaderSize = 24;
export const recordHeaderSize = 8;

export function encodeChunkHeader(number: number, firstPosition: bigint): Buffer {
  const bytes = Buffer.alloc(chunkHeaderSize);
  chunkMagic.copy(bytes, 0);
  bytes.writeUInt32BE(version, 8);
  bytes.writeUInt32BE(number, 12);
  bytes.writeBigUInt64BE(firstPosition, 16);
  return withChecksum(bytes);
}

/** Decodes a header; returns a text that describes a fault. */
export function decodeChunkHeader(bytes: Buffer): string | { number: number; firstPosition: bigint } {
  if (bytes.length < chunkHeaderSize || !bytes.subarray(0, 8).equals(chunkMagic)) return "it is no chunk of a log";
  if (!checksumMatches(bytes)) return "the checksum of its header does not match";
  if (bytes.readUInt32BE(8) !== version) return `it was written in format ${bytes.readUInt32BE(8)}, this is ${version}`;
  return { number: bytes.readUInt32BE(12), firstPosition: bytes.readBigUInt64BE(16) };
}

/** Encodes a commit of these records, and returns the offset of each record's bytes in it. The previous result is overwritten. */
export type EncodeCommit = (
  records: readonly Buffer[],
  nextPosition: bigint,
) => { bytes: Buffer; offsets: readonly number[] };

/** With one buffer for all commits: one for each made the process 30 MiB larger, as the garbage collector frees them late. */
export function commitEncoder(): EncodeCommit {
  let buffer = Buffer.alloc(0);
  return (records, nextPosition) => {
    const size = records.reduce((sum, record) => sum + recordHeaderSize + record.length, 0);
    if (buffer.length < commitHeaderSize + size) buffer = Buffer.allocUnsafeSlow(2 * (commitHeaderSize + size));
    encodeHeader(commitMagic, size, records.length, nextPosition).copy(buffer, 0);
    let at = commitHeaderSize;
    const offsets: number[] = [];
    for (const record of records) {
      buffer.writeUInt32BE(record.length, at);
      buffer.writeUInt32BE(crc32(record), at + 4);
      at += recordHeaderSize;
      offsets.push(at);
      at += record.copy(buffer, at);
    }
    return { bytes: buffer.subarray(0, at), offsets };
  };
}

export function encodeSeal(nextPosition: bigint): Buffer {
  return encodeHeader(sealMagic, 0, 0, nextPosition);
}

function encodeHeader(magic: number, size: number, count: number, nextPosition: bigint): Buffer {
  const bytes = Buffer.alloc(commitHeaderSize);
  bytes.writeUInt32BE(magic, 0);
  bytes.writeUInt32BE(size, 4);
  bytes.writeUInt32BE(count, 8);
  bytes.writeBigUInt64BE(nextPosition, 12);
  return withChecksum(bytes);
}

export type CommitHeader = { kind: "commit" | "seal"; size: number; count: number; nextPosition: bigint };

/** Undefined if there is no complete header here. */
export function decodeCommitHeader(bytes: Buffer): CommitHeader | undefined {
  if (bytes.length < commitHeaderSize) return undefined;
  const magic = bytes.readUInt32BE(0);
  if ((magic !== commitMagic && magic !== sealMagic) || !checksumMatches(bytes)) return undefined;
  return {
    kind: magic === sealMagic ? "seal" : "commit",
    size: bytes.readUInt32BE(4),
    count: bytes.readUInt32BE(8),
    nextPosition: bytes.readBigUInt64BE(12),
  };
}

/** Returns whether these bytes contain the header of a commit or a seal. */
export function holdsCommitHeader(bytes: Buffer): boolean {
  return [commitMagic, sealMagic].some((magic) => {
    const pattern = Buffer.alloc(4);
    pattern.writeUInt32BE(magic);
    for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) {
      if (decodeCommitHeader(bytes.subarray(at, at + commitHeaderSize))) return true;
    }
    return false;
  });
}

/** Returns whether the bytes after a record's header match its checksum. */
export function recordIsWhole(header: Buffer, record: Buffer): boolean {
  return crc32(record) === header.readUInt32BE(4);
}

/** The last four bytes hold the checksum of those before them. */
function withChecksum(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

function checksumMatches(bytes: Buffer): boolean {
  return crc32(bytes.subarray(0, -4)) === bytes.readUInt32BE(bytes.length - 4);
}
