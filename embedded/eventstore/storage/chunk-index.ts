import { fstatSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import { readFully } from "./file-window.ts";
import { revisionOf, type StoredEvent, streamNameOf } from "./record.ts";

/**
 * The data of a closed chunk that a start needs instead of decoding its events: a copy of data in the chunk, rebuilt if it is
 * missing or does not match. It is valid while the chunk has this length and CRC-32: each start reads the whole chunk, with or
 * without its index.
 */
export type ChunkIndex = {
  readonly format: typeof format;
  readonly chunkSize: number;
  readonly chunkChecksum: number;
  readonly nextPosition: bigint;
  readonly positions: BigUint64Array;
  readonly offsets: Uint32Array;
  readonly runs: Runs;
  /** The numbers in the chunk of the events that are in no run. */
  readonly others: Uint32Array;
};

/** Events of streams whose revisions follow one another: the numbers in the chunk of the first run's events, then of the next one's. */
type Runs = {
  readonly streams: readonly string[];
  readonly firstRevisions: BigUint64Array;
  readonly lengths: Uint32Array;
  readonly numbers: Uint32Array;
};

const format = 1;

/** The path of a chunk's index. */
export const indexPath = (chunkPath: string): string => `${chunkPath.replace(/\.chunk$/, "")}.index`;

/** Builds the index of a chunk, as events are added to the chunk. */
export type IndexBuilder = {
  /** `isPlain`: only its stream and its revision matter. */
  add(event: StoredEvent, number: number, isPlain: (stream: string, event: StoredEvent) => boolean): void;
  gathered(): Pick<ChunkIndex, "runs" | "others">;
};

export function indexBuilder(): IndexBuilder {
  const runs = new Map<string, { firstRevision: bigint; numbers: number[]; goesOn: boolean }>();
  const others: number[] = [];
  return {
    add(event, number, isPlain) {
      const stream = streamNameOf(event).toString();
      const run = runs.get(stream);
      const revision = revisionOf(event);
      const follows = run === undefined || (run.goesOn && revision === run.firstRevision + BigInt(run.numbers.length));
      if (!follows || !isPlain(stream, event)) {
        others.push(number);
        // Later events of the stream must be processed after it, so they do not join its run.
        if (run === undefined) runs.set(stream, { firstRevision: revision, numbers: [], goesOn: false });
        else run.goesOn = false;
      } else if (run === undefined) runs.set(stream, { firstRevision: revision, numbers: [number], goesOn: true });
      else run.numbers.push(number);
    },
    gathered() {
      const some = [...runs].filter(([, { numbers }]) => numbers.length > 0);
      return {
        runs: {
          streams: some.map(([stream]) => stream),
          firstRevisions: BigUint64Array.from(some, ([, { firstRevision }]) => firstRevision),
          lengths: Uint32Array.from(some, ([, { numbers }]) => numbers.length),
          numbers: Uint32Array.from(some.flatMap(([, { numbers }]) => numbers)),
        },
        others: Uint32Array.from(others),
      };
    },
  };
}

/** Calls `visit` for each run; `numbers` is a view. */
export function forEachRun(
  { streams, firstRevisions, lengths, numbers }: Runs,
  visit: (stream: string, firstRevision: bigint, numbers: Uint32Array) => void,
): void {
  let at = 0;
  for (const [n, stream] of streams.entries()) {
    const length = lengths[n] as number;
    visit(stream, firstRevisions[n] as bigint, numbers.subarray(at, at + length));
    at += length;
  }
}

/** Writes the index of a chunk, if the disk has room: a start can do without it. */
export function writeIndex(chunkPath: string, index: Omit<ChunkIndex, "format">): void {
  const path = indexPath(chunkPath);
  const bytes = serialize({ format, ...index } satisfies ChunkIndex);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  try {
    writeFileSync(`${path}.new`, Buffer.concat([checksum, bytes]));
    renameSync(`${path}.new`, path);
  } catch {
    rmSync(`${path}.new`, { force: true });
  }
}

/** The index of a chunk with these bytes; undefined if there is none. */
export function readIndex(chunkPath: string, fd: number): ChunkIndex | undefined {
  const index = wholeIndex(indexPath(chunkPath));
  if (index === undefined || index.chunkSize !== fstatSync(fd).size) return undefined;
  return checksumOf(fd, index.chunkSize) === index.chunkChecksum ? index : undefined;
}

function wholeIndex(path: string): ChunkIndex | undefined {
  try {
    const file = readFileSync(path);
    const bytes = file.subarray(4);
    if (crc32(bytes) !== file.readUInt32BE(0)) return undefined;
    const index = deserialize(bytes) as ChunkIndex;
    return index.format === format ? index : undefined;
  } catch {
    // Missing, too short, or serialised by a later Node.
    return undefined;
  }
}

/** The CRC-32 of the file's first bytes. */
export function checksumOf(fd: number, length: number): number {
  const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  let checksum = 0;
  for (let at = 0; at < length; at += buffer.length) {
    const wanted = buffer.subarray(0, Math.min(buffer.length, length - at));
    readFully(fd, wanted, at);
    checksum = crc32(wanted, checksum);
  }
  return checksum;
}
