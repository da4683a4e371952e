import { closeSync, ftruncateSync } from "node:fs";
import { crc32 } from "node:zlib";
import { lockFolder } from "../../folderLock.ts";
import { makeFolder, syncFolder } from "../../syncFolder.ts";
import { addEvent, type Chunk, closed, indexAtOrAfter, readEvents, sizeOf, type Visitor } from "./chunk.ts";
import { dataSync } from "./data-sync.ts";
import { writeFully } from "./file-window.ts";
import { commitEncoder, encodeSeal } from "./format.ts";
import { nextChunk, openChunks } from "./open-chunks.ts";
import type { StoredEvent } from "./record.ts";
import { rewriteChunk } from "./rewrite.ts";

/** The log on disk. Events have positions, which are permanent, and ordinals, which count them since the store was opened. */
export type Store = {
  /** The position of the next record. */
  nextPosition(): bigint;
  /** The position of the last record; undefined if there is none. */
  lastPosition(): bigint | undefined;
  /**
   * Writes one commit and resolves when it is on disk, with the ordinal of its first event. It may have no events: then only the
   * position advances. Commits must not overlap.
   */
  commit(events: readonly StoredEvent[], nextPosition: bigint): Promise<number>;
  /** The ordinal of the first event at or after the position. */
  ordinalAt(position: bigint): number;
  /** The last event's ordinal plus one. */
  end(): number;
  /** Events by ascending ordinals, without scavenged ones. */
  read(ordinals: readonly number[]): StoredEvent[];
  /** The approximate size of the event in bytes; 0 if it was scavenged. */
  size(ordinal: number): number;
  /** Closes the chunk that is written, if it has events, so that it can be scavenged. Not during a commit. */
  seal(): Promise<void>;
  /**
   * Removes events from the closed chunks: each chunk is rewritten without them and replaces the old one.
   * @param removed called with the events that each chunk loses, when it loses them
   */
  removeEvents(keep: (event: StoredEvent) => boolean, removed: (count: number) => void): Promise<void>;
  close(): void;
};

export type StoreOptions = {
  /** Bytes at which a chunk is closed and the next one begun. */
  chunkSize?: number;
  /** Called while the store is opened, after each chunk. */
  opened?: (chunks: number, of: number) => void;
};

/** Preallocated space: a sync that does not also record a new length took 0.6 of the time. */
const allocationStep = 4 * 1024 * 1024;
const zeros = Buffer.alloc(256 * 1024);

/**
 * Opens or creates the folder; reads and checks all of it. @param visitor receives every event, those of each stream in the order
 * of the log
 * @throws DamagedStore with the fault; Error when another process holds the folder
 */
export function openStore(
  folder: string,
  visitor: Visitor,
  { chunkSize = 64 * 1024 * 1024, opened = () => {} }: StoreOptions = {},
): Store {
  makeFolder(folder);
  const unlock = lockFolder(folder, "lock", "only one event store may open it");
  try {
    return openFolder(folder, visitor, { chunkSize, opened }, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

function openFolder(
  folder: string,
  visitor: Visitor,
  { chunkSize, opened }: Required<StoreOptions>,
  unlock: () => void,
): Store {
  const { chunks, head } = openChunks(folder, visitor, opened);
  let active = chunks.at(-1) as Chunk;
  const encodeCommit = commitEncoder();
  const sync = dataSync();
  let broken: unknown;

  async function commit(events: readonly StoredEvent[], nextPosition: bigint): Promise<number> {
    if (broken) throw new Error("the disk failed: nothing is written until a restart", { cause: broken });
    if (active.end >= chunkSize) await seal();
    if (active.sealed) beginChunk();
    const chunk = active;
    const { bytes, offsets } = encodeCommit(
      events.map(({ record }) => record),
      nextPosition,
    );
    await writeDurably(chunk, bytes);
    writeHead(nextPosition);
    const first = chunk.firstOrdinal + chunk.count;
    events.forEach((event, index) => {
      chunk.growing?.index.add(event, chunk.count, visitor.isPlain);
      addEvent(chunk, event.position, chunk.end + (offsets[index] as number));
    });
    addToChecksum(chunk, bytes);
    chunk.end += bytes.length;
    chunk.nextPosition = nextPosition;
    return first;
  }

  /** Runs before the events become visible: if it fails they are on disk nevertheless, and only a restart may find them. */
  function writeHead(nextPosition: bigint): void {
    try {
      head.write(nextPosition);
    } catch (error) {
      broken = error;
      throw error;
    }
  }

  /** Writes at the chunk's end. Leaves nothing behind when it fails. */
  async function writeDurably(chunk: Chunk, bytes: Buffer): Promise<void> {
    try {
      allocate(chunk, bytes.length);
      writeFully(chunk.fd, bytes, chunk.end);
    } catch (error) {
      cutOff(chunk);
      throw error;
    }
    chunk.allocated = Math.max(chunk.allocated, chunk.end + bytes.length);
    try {
      await sync(chunk.fd, bytes.length);
    } catch (error) {
      // After a failed sync the contents of the file on disk are unknown, and a second sync may succeed without writing them.
      broken = error;
      throw error;
    }
  }

  function allocate(chunk: Chunk, needed: number): void {
    if (chunk.end + needed <= chunk.allocated) return;
    const until = Math.ceil((chunk.end + needed) / allocationStep) * allocationStep;
    try {
      while (chunk.allocated < until) {
        const some = zeros.subarray(0, until - chunk.allocated);
        writeFully(chunk.fd, some, chunk.allocated);
        chunk.allocated += some.length;
      }
    } catch {
      // Usually the disk is full. There may still be room for the commit itself.
      cutOff(chunk);
    }
  }

  async function seal(): Promise<void> {
    if (active.sealed || active.count === 0) return;
    const bytes = encodeSeal(active.nextPosition);
    await writeDurably(active, bytes);
    ftruncateSync(active.fd, active.end + bytes.length);
    active.allocated = active.end + bytes.length;
    active.sealed = true;
    addToChecksum(active, bytes);
    closed(active);
    beginChunk();
  }

  function beginChunk(): void {
    active = nextChunk(folder, active);
    chunks.push(active);
  }

  function chunkOf(isBefore: (chunk: Chunk) => boolean): Chunk {
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(chunks[middle] as Chunk)) low = middle + 1;
      else high = middle;
    }
    return chunks[Math.max(low - 1, 0)] as Chunk;
  }

  function chunkAt(ordinal: number): Chunk {
    return chunkOf((chunk) => chunk.firstOrdinal <= ordinal);
  }

  return {
    nextPosition: () => active.nextPosition,
    lastPosition() {
      const last = chunks.findLast(({ count }) => count > 0);
      return last?.positions[last.count - 1];
    },
    commit,
    ordinalAt(position) {
      const chunk = chunkOf(({ firstPosition }) => firstPosition <= position);
      return chunk.firstOrdinal + indexAtOrAfter(chunk, position);
    },
    end: () => active.firstOrdinal + active.count,
    read(ordinals) {
      const events: StoredEvent[] = [];
      for (let first = 0; first < ordinals.length; ) {
        const chunk = chunkAt(ordinals[first] as number);
        const indexes: number[] = [];
        for (; first < ordinals.length; first++) {
          const index = (ordinals[first] as number) - chunk.firstOrdinal;
          if (index >= chunk.count) break;
          indexes.push(index);
        }
        if (indexes.length === 0) throw new RangeError(`there is no event ${ordinals[first]}`);
        events.push(...readEvents(chunk, indexes));
      }
      return events;
    },
    size(ordinal) {
      const chunk = chunkAt(ordinal);
      return sizeOf(chunk, ordinal - chunk.firstOrdinal);
    },
    seal,
    async removeEvents(keep, removed) {
      for (const chunk of chunks.filter(({ sealed }) => sealed)) {
        const lost = await rewriteChunk(chunk, keep);
        if (lost > 0) {
          syncFolder(folder);
          removed(lost);
        }
      }
    },
    close() {
      // Releases the preallocated space.
      if (!active.sealed) cutOff(active);
      for (const { fd } of chunks) closeSync(fd);
      head.close();
      unlock();
    },
  };
}

function addToChecksum({ growing }: Chunk, bytes: Buffer): void {
  if (growing !== undefined) growing.checksum = crc32(bytes, growing.checksum);
}

/** Truncates everything after the last commit. */
function cutOff(chunk: Chunk): void {
  ftruncateSync(chunk.fd, chunk.end);
  chunk.allocated = chunk.end;
}
