import { currentTicks } from "../semantics/stream-metadata.ts";
import { type StoredEvent, streamNameOf } from "../storage/record.ts";
import { openStore, type Store, type StoreOptions } from "../storage/store.ts";
import { lastRevision, openStreams, ordinalOf, type Stream } from "../streams/streams.ts";
import { recentIds } from "./recent-ids.ts";
import { openTail } from "./tail.ts";
import { type NewEvent, openWriteGroup, type WriteOutcome, type WriteRequest } from "./write-group.ts";

/** A commit, for followers of the log. */
export type Commit = { touches(stream: string): boolean };

export type EventLog = {
  /** Decides and writes; resolves when the events are durable. Rejects when the write fails, and then nothing is written. */
  write(request: WriteRequest): Promise<WriteOutcome>;
  /** Events after the position, oldest first; those at the end of the log come from memory. */
  after(position: bigint, limit: number): StoredEvent[];
  /** Events before the position, newest first. */
  before(position: bigint, limit: number): StoredEvent[];
  /** The position of the last event; 0 in an empty log. */
  head(): bigint;
  /** The position that the next event gets. */
  nextPosition(): bigint;
  stream(name: string): Stream | undefined;
  /** A page of one stream's events from a revision on, both ways inclusive. */
  streamEvents(stream: Stream, from: bigint, backwards: boolean, limit: number): StoredEvent[];
  /** The `$streamDeleted` event. */
  tombstone(stream: Stream): StoredEvent | undefined;
  /** Calls `follow` after every commit, until the returned function is called. */
  onCommit(follow: (commit: Commit) => void): () => void;
  /** Removes from disk the events that `keep` refuses, in the whole log so far. `removed` is called as events are removed. */
  removeEvents(keep: (event: StoredEvent) => boolean, removed: () => void): Promise<void>;
  /** Waits for pending writes and closes the store. Later ones are rejected. */
  close(): Promise<void>;
};

type Waiting = {
  request: WriteRequest;
  resolve: (outcome: WriteOutcome) => void;
  reject: (error: unknown) => void;
};

/** Maximum bytes of payload of one commit, so that a burst does not become one huge commit. */
const maxCommitSize = 4 * 1024 * 1024;
/** Bytes of events in one page: what a reader holds in memory while its client is slow. */
const maxPageSize = 256 * 1024;

/**
 * Opens the log in a folder. Appends that arrive during a commit share the next one.
 * @throws DamagedStore when a file differs from what was written.
 */
export function openLog(folder: string, options: StoreOptions = {}): EventLog {
  const streams = openStreams();
  const store = openStore(
    folder,
    {
      isPlain: streams.isPlain,
      event: (event, ordinal) => streams.apply(streamNameOf(event).toString(), event, ordinal),
      plainEvents: streams.applyPlain,
    },
    options,
  );
  let head = store.lastPosition() ?? 0n;
  const recent = recentIds();
  const followers = new Set<(commit: Commit) => void>();
  const tail = openTail(head);
  const waiting: Waiting[] = [];
  const betweenCommits: (() => Promise<void>)[] = [];
  let writing: Promise<void> | undefined;
  let closed = false;

  async function writeWaiting(): Promise<void> {
    // Appends that arrive in the same turn of the event loop are committed together.
    await new Promise(setImmediate);
    while (waiting.length > 0 || betweenCommits.length > 0) {
      await betweenCommits.shift()?.();
      if (waiting.length > 0) await writeGroup(takeGroup());
    }
    writing = undefined;
  }

  function takeGroup(): Waiting[] {
    let size = 0;
    const end = waiting.findIndex(({ request }) => {
      if (request.kind !== "append") return false;
      for (const event of request.events) size += event.data.length + event.customMetadata.length;
      return size > maxCommitSize;
    });
    return waiting.splice(0, end < 0 ? waiting.length : Math.max(end, 1));
  }

  async function writeGroup(group: Waiting[]): Promise<void> {
    const written = openWriteGroup(store, streams, recent, currentTicks());
    try {
      const outcomes = group.map(({ request }) => written.write(request));
      const { events, nextPosition } = written.changes();
      if (nextPosition > store.nextPosition()) {
        const stored = events.map(({ event }) => event);
        publish(events, stored, await store.commit(stored, nextPosition));
      }
      group.forEach(({ resolve }, index) => {
        resolve(outcomes[index] as WriteOutcome);
      });
    } catch (error) {
      written.abandon();
      for (const { reject } of group) reject(error);
    }
  }

  function publish(events: readonly NewEvent[], stored: readonly StoredEvent[], firstOrdinal: number): void {
    const touched = new Set<string>();
    let ordinal = firstOrdinal;
    for (const { event, stream } of events) {
      streams.apply(stream, event, ordinal++);
      touched.add(stream);
    }
    tail.add(stored);
    head = stored.at(-1)?.position ?? head;
    for (const follow of followers) follow({ touches: (stream) => touched.has(stream) });
  }

  return {
    write(request) {
      if (closed) return Promise.reject(new Error("the event store is shutting down"));
      return new Promise((resolve, reject) => {
        waiting.push({ request, resolve, reject });
        writing ??= writeWaiting();
      });
    },
    after(position, limit) {
      const recent = tail.after(position, limit, maxPageSize);
      return recent ?? page(store, store.ordinalAt(position + 1n), 1, store.end(), limit);
    },
    before: (position, limit) => page(store, store.ordinalAt(position) - 1, -1, -1, limit),
    head: () => head,
    nextPosition: store.nextPosition,
    stream: streams.find,
    streamEvents: (stream, from, backwards, limit) => streamPage(store, stream, from, backwards, limit),
    tombstone: ({ tombstone }) => (tombstone === undefined ? undefined : store.read([tombstone])[0]),
    onCommit(follow) {
      followers.add(follow);
      return () => followers.delete(follow);
    },
    async removeEvents(keep, removed) {
      await new Promise<void>((resolve, reject) => {
        betweenCommits.push(() => store.seal().then(resolve, reject));
        writing ??= writeWaiting();
      });
      await store.removeEvents(keep, () => {
        tail.clear();
        removed();
      });
    },
    async close() {
      closed = true;
      await writing;
      store.close();
    },
  };
}

/** Events from an ordinal on, in steps of 1 or -1, to before the end; at most one page, in that order. */
function page(store: Store, from: number, step: 1 | -1, end: number, limit: number): StoredEvent[] {
  const ordinals: number[] = [];
  let size = 0;
  for (let at = from; at !== end && ordinals.length < limit && size < maxPageSize; at += step) {
    const bytes = store.size(at);
    if (bytes > 0) ordinals.push(at);
    size += bytes;
  }
  return readInOrder(store, ordinals, step);
}

function streamPage(store: Store, stream: Stream, from: bigint, backwards: boolean, limit: number): StoredEvent[] {
  const ordinals: number[] = [];
  const step = backwards ? -1 : 1;
  const last = lastRevision(stream);
  let revision =
    backwards && from > last ? last : !backwards && from < stream.firstRevision ? stream.firstRevision : from;
  let size = 0;
  while (ordinals.length < limit && size < maxPageSize) {
    const ordinal = ordinalOf(stream, revision);
    if (ordinal === undefined) break;
    ordinals.push(ordinal);
    size += store.size(ordinal);
    revision += BigInt(step);
  }
  return readInOrder(store, ordinals, step);
}

function readInOrder(store: Store, ordinals: number[], step: 1 | -1): StoredEvent[] {
  return step === 1 ? store.read(ordinals) : store.read(ordinals.reverse()).reverse();
}
