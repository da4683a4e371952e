import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import type { Chunk } from "./chunk.ts";
import { indexPath } from "./chunk-index.ts";
import { fileWindow, writeFully } from "./file-window.ts";
import {
  chunkHeaderSize,
  commitEncoder,
  commitHeaderSize,
  decodeCommitHeader,
  encodeChunkHeader,
  encodeSeal,
  recordHeaderSize,
} from "./format.ts";
import { type StoredEvent, storedEvent } from "./record.ts";

/** Bytes that are read between two turns of the event loop. */
const turn = 256 * 1024;

/**
 * Rewrites a closed chunk without the events that `keep` refuses, and replaces the old one. The remaining events keep their
 * positions and ordinals. It yields to the event loop meanwhile.
 * @returns how many events were removed; 0 leaves the file as it is.
 */
export async function rewriteChunk(chunk: Chunk, keep: (event: StoredEvent) => boolean): Promise<number> {
  const kept = await chooseEvents(chunk, keep);
  const lost = kept.filter((stays, index) => !stays && chunk.offsets[index] !== 0).length;
  if (lost === 0) return 0;
  const path = `${chunk.path}.new`;
  const fd = openSync(path, "w+");
  try {
    const { offsets, end } = await copyKept(chunk, kept, fd);
    fsyncSync(fd);
    // It has the names of removed events' streams. The next start writes another.
    rmSync(indexPath(chunk.path), { force: true });
    renameSync(path, chunk.path);
    closeSync(chunk.fd);
    Object.assign(chunk, { fd, offsets, end });
    return lost;
  } catch (error) {
    closeSync(fd);
    rmSync(path, { force: true });
    throw error;
  }
}

async function chooseEvents(chunk: Chunk, keep: (event: StoredEvent) => boolean): Promise<boolean[]> {
  const window = fileWindow(chunk.fd);
  const kept: boolean[] = [];
  for (const [index, offset] of chunk.offsets.entries()) {
    if (index % 512 === 0) await new Promise(setImmediate);
    if (offset === 0) {
      kept.push(false);
      continue;
    }
    const length = window(offset - recordHeaderSize, recordHeaderSize).readUInt32BE(0);
    kept.push(keep(storedEvent(window(offset, length))));
  }
  return kept;
}

/** Copies commit by commit, so that commits stay atomic; a commit that lost all its events is dropped too. */
async function copyKept(
  chunk: Chunk,
  kept: readonly boolean[],
  fd: number,
): Promise<{ offsets: Uint32Array; end: number }> {
  const window = fileWindow(chunk.fd);
  const encodeCommit = commitEncoder();
  const offsets = new Uint32Array(chunk.count);
  const indexAt = new Map<number, number>();
  chunk.offsets.forEach((offset, index) => {
    if (offset !== 0) indexAt.set(offset, index);
  });
  writeFully(fd, encodeChunkHeader(chunk.number, chunk.firstPosition), 0);
  let end = chunkHeaderSize;
  let sinceTurn = 0;
  for (let at = chunkHeaderSize; at < chunk.end; ) {
    const header = decodeCommitHeader(window(at, commitHeaderSize));
    if (!header) throw new Error(`${chunk.path} has no commit at byte ${at}`);
    const records: Buffer[] = [];
    const indexes: number[] = [];
    let offset = at + commitHeaderSize;
    for (let n = 0; n < header.count; n++) {
      const length = window(offset, recordHeaderSize).readUInt32BE(0);
      offset += recordHeaderSize;
      const index = indexAt.get(offset) as number;
      if (kept[index]) {
        records.push(Buffer.from(window(offset, length)));
        indexes.push(index);
      }
      offset += length;
    }
    at = offset;
    if (records.length > 0) {
      const commit = encodeCommit(records, header.nextPosition);
      writeFully(fd, commit.bytes, end);
      indexes.forEach((index, n) => {
        offsets[index] = end + (commit.offsets[n] as number);
      });
      end += commit.bytes.length;
    }
    sinceTurn += commitHeaderSize + header.size;
    if (sinceTurn > turn) {
      sinceTurn = 0;
      await new Promise(setImmediate);
    }
  }
  const seal = encodeSeal(chunk.nextPosition);
  writeFully(fd, seal, end);
  return { offsets, end };
}
