import { fstatSync } from "node:fs";
import { fileWindow } from "./file-window.ts";
import {
  type CommitHeader,
  chunkHeaderSize,
  commitHeaderSize,
  decodeCommitHeader,
  recordHeaderSize,
  recordIsWhole,
} from "./format.ts";

/** Receives each record and the offset of its bytes; the record is overwritten afterwards. */
export type VisitRecord = (record: Buffer, offset: number) => void;

/** Where a scan ended: at the seal, or after the last complete commit, with what follows it. */
export type ScanEnd = { offset: number; sealed: boolean; nextPosition: bigint | undefined; stoppedBy: string };

/** Reads a chunk's commits in order and checks every byte of them. A commit is visited only if it is complete. */
export function scanChunk(fd: number, visit: VisitRecord): ScanEnd {
  const window = fileWindow(fd);
  const fileSize = fstatSync(fd).size;
  let offset = chunkHeaderSize;
  let nextPosition: bigint | undefined;
  for (;;) {
    const header = decodeCommitHeader(window(offset, commitHeaderSize));
    if (!header) return { offset, sealed: false, nextPosition, stoppedBy: "there is no commit" };
    const fault = commitFault(header, offset + commitHeaderSize);
    if (fault) return { offset, sealed: false, nextPosition, stoppedBy: fault };
    nextPosition = header.nextPosition;
    if (header.kind === "seal") return { offset, sealed: true, nextPosition, stoppedBy: "" };
    forEachRecord(header, offset + commitHeaderSize, visit);
    offset += commitHeaderSize + header.size;
  }

  function commitFault({ size, count }: CommitHeader, start: number): string | undefined {
    if (start + size > fileSize) return "a commit is cut off";
    let at = start;
    for (let n = 0; n < count; n++) {
      const header = Buffer.from(window(at, recordHeaderSize));
      const length = header.readUInt32BE(0);
      if (at + recordHeaderSize + length > start + size) return "a record reaches beyond its commit";
      if (!recordIsWhole(header, window(at + recordHeaderSize, length)))
        return "the checksum of a record does not match";
      at += recordHeaderSize + length;
    }
    return at === start + size ? undefined : "a commit is longer than its records";
  }

  function forEachRecord({ count }: CommitHeader, start: number, found: VisitRecord): void {
    let at = start;
    for (let n = 0; n < count; n++) {
      const length = window(at, recordHeaderSize).readUInt32BE(0);
      found(window(at + recordHeaderSize, length), at + recordHeaderSize);
      at += recordHeaderSize + length;
    }
  }
}
