import { mkdirSync } from "node:fs";
import { type Database, open } from "lmdb";
import { lockFolder } from "./folder-lock.ts";
import type { StoredEvent } from "./record.ts";
import { decodeStreamEntry, encodeStreamEntry, type StreamEntry, streamKey } from "./stream-entry.ts";

/** Everything that one commit writes: all of it or nothing. */
export type Changes = {
  events: { event: StoredEvent; streamNumber: bigint; revision: bigint }[];
  streams: Map<string, StreamEntry>;
  /** The position for the next record, and the number for the next stream. */
  nextPosition: bigint;
  nextStream: bigint;
};

/** A page of the log in reading order. */
export type RangeOptions = { from: bigint; backwards: boolean; limit: number };

export type Store = {
  /** The next free position and stream number, as of the last commit. */
  counters(): { nextPosition: bigint; nextStream: bigint };
  stream(name: string): StreamEntry | undefined;
  /** The position of a stream's event. */
  positionOf(streamNumber: bigint, revision: bigint): bigint | undefined;
  event(position: bigint): StoredEvent | undefined;
  /** Events of the log at or after `from`, or, backwards, before it. */
  log(range: RangeOptions): StoredEvent[];
  /** Positions of a stream's events at or after revision `from`, or, backwards, at or before it. */
  streamPositions(streamNumber: bigint, range: RangeOptions): bigint[];
  /** Writes the changes and resolves when they are on disk. Until then nothing of them can be read. */
  commit(changes: Changes): Promise<void>;
  close(): Promise<void>;
};

const formatVersion = 1n;
/** Virtual address space, not disk or memory: LMDB's file grows as it is written. */
const mapSize = 64 * 1024 ** 3;

/**
 * Opens the folder, or makes it.
 *   log      position → record              (big-endian keys, so LMDB's order is the log's)
 *   index    stream number, revision → position
 *   streams  name → StreamEntry
 *   counters format version, next position, next stream number
 * @throws Error when another process holds the folder, or it was written by another version.
 */
export function openStore(folder: string): Store {
  mkdirSync(folder, { recursive: true });
  const unlock = lockFolder(folder);
  try {
    return openLmdb(folder, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

function openLmdb(folder: string, unlock: () => void): Store {
  // Without overlapping syncs a commit is visible only when it is on disk, so no reader ever sees what a crash could undo.
  // Commits are batched here, and with lmdb's own batching a failed one rejects a promise that nobody can reach.
  const root = open({
    path: `${folder}/events.mdb`,
    noSubdir: true,
    maxDbs: 8,
    mapSize,
    eventTurnBatching: false,
    overlappingSync: false,
  });
  const database = (name: string): Database<Buffer, Buffer> =>
    root.openDB<Buffer, Buffer>(name, { encoding: "binary", keyEncoding: "binary" });
  const log = database("log");
  const index = database("index");
  const streams = database("streams");
  const counterDb = database("counters");
  const countersKey = Buffer.from("counters");

  let counters = readCounters();

  function readCounters(): { nextPosition: bigint; nextStream: bigint } {
    const stored = counterDb.get(countersKey);
    // Position 0 stays free: a subscription from 0 is exclusive and must still see the first event.
    if (!stored) return { nextPosition: 1n, nextStream: 1n };
    const version = stored.readBigUInt64BE(0);
    if (version !== formatVersion)
      throw new Error(`${folder} was written in format ${version}, this is ${formatVersion}`);
    return { nextPosition: stored.readBigUInt64BE(8), nextStream: stored.readBigUInt64BE(16) };
  }

  async function commit(changes: Changes): Promise<void> {
    const next = { nextPosition: changes.nextPosition, nextStream: changes.nextStream };
    const writes = new Set<Promise<unknown>>();
    // LMDB writes what is put inside one batch in one transaction.
    const committed = root.batch(() => {
      for (const { event, streamNumber, revision } of changes.events) {
        const key = u64(event.position);
        writes.add(log.put(key, event.record));
        writes.add(index.put(indexKey(streamNumber, revision), key));
      }
      for (const [name, entry] of changes.streams) writes.add(streams.put(streamKey(name), encodeStreamEntry(entry)));
      writes.add(counterDb.put(countersKey, u64(formatVersion, next.nextPosition, next.nextStream)));
    });
    writes.add(committed).add(Promise.resolve(root.committed));
    // Each of these promises is rejected when the commit fails, and one that nobody looks at would end the process.
    const failed = (await Promise.allSettled(writes)).find((outcome) => outcome.status === "rejected");
    if (failed) throw await causeOf(failed.reason);
    await root.flushed;
    root.resetReadTxn();
    counters = next;
  }

  return {
    counters: () => counters,
    stream(name) {
      const bytes = streams.get(streamKey(name));
      return bytes && decodeStreamEntry(bytes);
    },
    positionOf: (streamNumber, revision) => index.get(indexKey(streamNumber, revision))?.readBigUInt64BE(0),
    event(position) {
      const record = log.get(u64(position));
      return record && { position, record };
    },
    log({ from, backwards, limit }) {
      const options = backwards ? { start: u64(from), exclusiveStart: true, reverse: true } : { start: u64(from) };
      const page: StoredEvent[] = [];
      for (const { key, value } of log.getRange({ ...options, limit })) {
        page.push({ position: key.readBigUInt64BE(0), record: value });
      }
      return page;
    },
    streamPositions(streamNumber, { from, backwards, limit }) {
      const start = indexKey(streamNumber, from);
      const options = backwards
        ? { start, end: indexKey(streamNumber - 1n, maxKey), reverse: true }
        : { start, end: indexKey(streamNumber + 1n, 0n) };
      return [...index.getRange({ ...options, limit })].map(({ value }) => value.readBigUInt64BE(0));
    },
    commit,
    async close() {
      await root.close();
      unlock();
    },
  };
}

/** LMDB tells why a commit failed in a promise of its own, which is rejected a moment later. */
async function causeOf(failure: Error & { commitError?: Promise<never> }): Promise<Error> {
  const cause: unknown = await failure.commitError?.catch((error: unknown) => error);
  return cause instanceof Error ? new Error(`the events could not be written: ${cause.message}`, { cause }) : failure;
}

const maxKey = 0xffff_ffff_ffff_ffffn;

function u64(...numbers: bigint[]): Buffer {
  const bytes = Buffer.allocUnsafe(8 * numbers.length);
  numbers.forEach((number, index) => {
    bytes.writeBigUInt64BE(number, 8 * index);
  });
  return bytes;
}

function indexKey(streamNumber: bigint, revision: bigint): Buffer {
  return u64(streamNumber, revision);
}
