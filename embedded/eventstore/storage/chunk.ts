import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, renameSync } from "node:fs";
import { checksumOf, forEachRun, type IndexBuilder, indexBuilder, readIndex, writeIndex } from "./chunk-index.ts";
import { DamagedStore } from "./damage.ts";
import { fileWindow, readFully, writeFully } from "./file-window.ts";
import {
  chunkHeaderSize,
  commitHeaderSize,
  decodeChunkHeader,
  encodeChunkHeader,
  holdsCommitHeader,
  recordHeaderSize,
  recordIsWhole,
} from "./format.ts";
import { type StoredEvent, storedEvent } from "./record.ts";
import { scanChunk } from "./scan.ts";

/**
 * One file of the log and the offsets of its events. Events are counted across the whole log: `firstOrdinal` is the number of the
 * first one here. An offset of 0 marks a scavenged event.
 */
export type Chunk = {
  readonly number: number;
  readonly path: string;
  readonly firstPosition: bigint;
  readonly firstOrdinal: number;
  fd: number;
  count: number;
  positions: BigUint64Array;
  offsets: Uint32Array;
  /** The offset of the next commit, the end of the file, and the position of the next record. */
  end: number;
  allocated: number;
  nextPosition: bigint;
  sealed: boolean;
  /** Until it is closed: the future index, and the CRC-32 of the bytes up to `end`. */
  growing: { readonly index: IndexBuilder; checksum: number } | undefined;
};

/** Receives the events when the log is opened. */
export type Visitor = {
  /** Returns whether only the stream and the revision of the event are needed. */
  isPlain(stream: string, event: StoredEvent): boolean;
  /** Receives an event. */
  event(event: StoredEvent, ordinal: number): void;
  /** Receives instead a run of plain events of one stream with consecutive revisions, if the index has them. */
  plainEvents(stream: string, firstRevision: bigint, firstOrdinal: number, numbers: Uint32Array): void;
};

type Place = { number: number; path: string; firstPosition: bigint; firstOrdinal: number };

/** Creates an empty chunk; it gets its name only when it is on disk. */
export function createChunk(place: Place): Chunk {
  const unborn = `${place.path}.new`;
  const fd = openSync(unborn, "w+");
  try {
    writeFully(fd, encodeChunkHeader(place.number, place.firstPosition), 0);
    fsyncSync(fd);
    renameSync(unborn, place.path);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  const chunk = emptyChunk(place, fd);
  chunk.growing = { index: indexBuilder(), checksum: checksumOf(fd, chunkHeaderSize) };
  return chunk;
}

function emptyChunk(place: Place, fd: number): Chunk {
  return {
    ...place,
    fd,
    count: 0,
    positions: new BigUint64Array(64),
    offsets: new Uint32Array(64),
    end: chunkHeaderSize,
    allocated: chunkHeaderSize,
    nextPosition: place.firstPosition,
    sealed: false,
    growing: undefined,
  };
}

/**
 * Reads a chunk from its first byte to its last and checks all of it. If it is closed and has no index, writes the index.
 * @param acknowledged the position up to which appends were acknowledged: everything below it must exist
 * @param last whether no chunk follows; only then the end may be unwritten or incomplete
 * @throws DamagedStore with the fault and its location
 */
export function openChunk(
  place: Place,
  { acknowledged, last }: { acknowledged: bigint; last: boolean },
  visitor: Visitor,
): Chunk {
  const fd = openSync(place.path, "r+");
  try {
    const chunk = emptyChunk(place, fd);
    checkHeader(chunk);
    if (openByIndex(chunk, visitor)) return chunk;
    const growing = { index: indexBuilder(), checksum: 0 };
    const end = scanChunk(fd, (record, offset) => {
      const event = storedEvent(record);
      visitor.event(event, place.firstOrdinal + chunk.count);
      growing.index.add(event, chunk.count, visitor.isPlain);
      addEvent(chunk, event.position, offset);
    });
    chunk.end = end.offset;
    chunk.sealed = end.sealed;
    chunk.nextPosition = end.nextPosition ?? place.firstPosition;
    const fault = endFault(chunk, end.stoppedBy, acknowledged, last);
    if (fault) throw new DamagedStore(`${place.path} is damaged at byte ${end.offset}: ${fault}`);
    // Removes the rest of an incomplete commit, or of preallocated space.
    chunk.allocated = chunk.sealed ? chunk.end + commitHeaderSize : chunk.end;
    ftruncateSync(fd, chunk.allocated);
    growing.checksum = checksumOf(fd, chunk.allocated);
    chunk.growing = growing;
    if (chunk.sealed) closed(chunk);
    return chunk;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Returns whether the chunk has a valid index, and opens it with that. */
function openByIndex(chunk: Chunk, visitor: Visitor): boolean {
  const index = readIndex(chunk.path, chunk.fd);
  if (index === undefined) return false;
  const { positions, offsets, chunkSize, nextPosition, runs, others } = index;
  const end = chunkSize - commitHeaderSize;
  // Copies, so that the index itself does not stay in memory.
  Object.assign(chunk, { positions: positions.slice(), offsets: offsets.slice(), count: positions.length });
  Object.assign(chunk, { end, allocated: chunkSize, nextPosition, sealed: true });
  forEachRun(runs, (stream, firstRevision, numbers) =>
    visitor.plainEvents(stream, firstRevision, chunk.firstOrdinal, numbers),
  );
  for (const number of others)
    for (const event of readEvents(chunk, [number])) visitor.event(event, chunk.firstOrdinal + number);
  return true;
}

/** Writes the index of a closed chunk, and releases its preallocated space. */
export function closed(chunk: Chunk): void {
  chunk.positions = chunk.positions.slice(0, chunk.count);
  chunk.offsets = chunk.offsets.slice(0, chunk.count);
  const { path, allocated, nextPosition, positions, offsets, growing } = chunk;
  chunk.growing = undefined;
  if (growing === undefined) return;
  const { runs, others } = growing.index.gathered();
  const bytes = { chunkSize: allocated, chunkChecksum: growing.checksum };
  writeIndex(path, { ...bytes, nextPosition, positions, offsets, runs, others });
}

function checkHeader({ fd, path, number, firstPosition }: Chunk): void {
  const header = decodeChunkHeader(fileWindow(fd, chunkHeaderSize)(0, chunkHeaderSize));
  if (typeof header === "string") throw new DamagedStore(`${path} is damaged: ${header}`);
  if (header.number !== number) throw new DamagedStore(`${path} is damaged: it holds chunk ${header.number}`);
  if (header.firstPosition !== firstPosition)
    throw new DamagedStore(
      `${path} begins at position ${header.firstPosition}, but the log before it ends at ${firstPosition}`,
    );
}

function endFault(
  { fd, end, sealed, nextPosition }: Chunk,
  stoppedBy: string,
  acknowledged: bigint,
  last: boolean,
): string | undefined {
  if (sealed) return undefined;
  if (!last) return stoppedBy;
  if (nextPosition < acknowledged) return `${stoppedBy}, but the log was written up to position ${acknowledged}`;
  // Only the last commit can be incomplete: the next one was never begun.
  const rest = Buffer.allocUnsafeSlow(Math.max(fstatSync(fd).size - end - 1, 0));
  readFully(fd, rest, end + 1);
  return holdsCommitHeader(rest) ? `${stoppedBy}, and there are commits behind it` : undefined;
}

/** Stores the offset of an event. */
export function addEvent(chunk: Chunk, position: bigint, offset: number): void {
  if (chunk.count === chunk.offsets.length) {
    const positions = new BigUint64Array(2 * chunk.count);
    positions.set(chunk.positions);
    const offsets = new Uint32Array(2 * chunk.count);
    offsets.set(chunk.offsets);
    chunk.positions = positions;
    chunk.offsets = offsets;
  }
  chunk.positions[chunk.count] = position;
  chunk.offsets[chunk.count] = offset;
  chunk.count += 1;
}

/** The index in the chunk of the first event at or after the position. */
export function indexAtOrAfter(chunk: Chunk, position: bigint): number {
  let low = 0;
  let high = chunk.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((chunk.positions[middle] as bigint) >= position) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Bytes between two events up to which both are read at once. With 128 events a page they are at most 512 KiB. */
const gap = 4 * 1024;

/**
 * Reads events that are in this order in the file; scavenged ones are skipped.
 * @throws DamagedStore when the bytes are not those that were written.
 */
export function readEvents(chunk: Chunk, indexes: readonly number[]): StoredEvent[] {
  const there = indexes.filter((index) => chunk.offsets[index] !== 0);
  const events: StoredEvent[] = [];
  for (let first = 0; first < there.length; ) {
    let next = first + 1;
    let end = endOf(chunk, there[first] as number);
    while (next < there.length && (chunk.offsets[there[next] as number] as number) - end < gap) {
      end = endOf(chunk, there[next] as number);
      next += 1;
    }
    readRun(chunk, there.slice(first, next), end, events);
    first = next;
  }
  return events;
}

function readRun(chunk: Chunk, indexes: readonly number[], end: number, events: StoredEvent[]): void {
  const start = (chunk.offsets[indexes[0] as number] as number) - recordHeaderSize;
  const bytes = Buffer.allocUnsafeSlow(end - start);
  const got = readFully(chunk.fd, bytes, start);
  for (const index of indexes) {
    const at = (chunk.offsets[index] as number) - start;
    const header = bytes.subarray(at - recordHeaderSize, at);
    const record = bytes.subarray(at, at + header.readUInt32BE(0));
    if (at + record.length > got || !recordIsWhole(header, record))
      throw new DamagedStore(`${chunk.path} is damaged at byte ${start + at}: a record is not as it was written`);
    events.push(storedEvent(record));
  }
}

/** No record of this event is at or after this offset. */
function endOf(chunk: Chunk, index: number): number {
  for (let next = index + 1; next < chunk.count; next++) {
    const offset = chunk.offsets[next] as number;
    if (offset !== 0) return offset - recordHeaderSize;
  }
  return chunk.end;
}

/** The approximate size of the event in the file, in bytes. */
export function sizeOf(chunk: Chunk, index: number): number {
  const offset = chunk.offsets[index] as number;
  return offset === 0 ? 0 : endOf(chunk, index) - offset;
}
