import { currentTicks } from "../semantics/stream-metadata.ts";
import { idOf, type StoredEvent } from "../storage/record.ts";
import type { Changes, Store } from "../storage/store.ts";
import type { StreamEntry } from "../storage/stream-entry.ts";
import { type AppendOutcome, type AppendRequest, openBatch } from "./batch.ts";
import { recentIds } from "./recent-ids.ts";
import { openTail } from "./tail.ts";

/** What was committed, for those who follow the log. */
export type Commit = { touches(stream: string): boolean };

export type EventLog = {
  /** Decides and writes; resolves when the events are durable. Rejects when the disk refuses, and then nothing is written. */
  append(request: AppendRequest): Promise<AppendOutcome>;
  /** Events after the position, and whether they came from memory, which is where those at the end of the log are. */
  after(position: bigint, limit: number): { events: StoredEvent[]; recent: boolean };
  /** Events before the position, newest first. */
  before(position: bigint, limit: number): StoredEvent[];
  /** The position of the last event; 0 in an empty log. */
  head(): bigint;
  stream(name: string): StreamEntry | undefined;
  /** A page of one stream's events from a revision on, both ways inclusive. */
  streamEvents(entry: StreamEntry, from: bigint, backwards: boolean, limit: number): StoredEvent[];
  /** Calls `follow` after every commit, until the returned function is called. */
  onCommit(follow: (commit: Commit) => void): () => void;
  /** Waits for the appends under way and closes the store. Later appends are rejected. */
  close(): Promise<void>;
};

type Waiting = {
  request: AppendRequest;
  resolve: (outcome: AppendOutcome) => void;
  reject: (error: unknown) => void;
};

/** Bytes of payload that one commit takes at most, so that a burst does not become one huge transaction. */
const maxCommitSize = 16 * 1024 * 1024;

/** The log over a store: appends that arrive while a commit is on its way to disk share the next one. */
export function openLog(store: Store): EventLog {
  const recent = recentIds();
  const followers = new Set<(commit: Commit) => void>();
  let head = store.log({ from: store.counters().nextPosition, backwards: true, limit: 1 })[0]?.position ?? 0n;
  const tail = openTail(head);
  const waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let closed = false;

  function append(request: AppendRequest): Promise<AppendOutcome> {
    if (closed) return Promise.reject(new Error("the event store is shutting down"));
    return new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject });
      writing ??= writeWaiting();
    });
  }

  async function writeWaiting(): Promise<void> {
    // Appends that arrive in the same turn of the event loop are taken together.
    await new Promise(setImmediate);
    while (waiting.length > 0) await writeGroup(takeGroup());
    writing = undefined;
  }

  function takeGroup(): Waiting[] {
    let size = 0;
    const end = waiting.findIndex(({ request }) => {
      for (const event of request.events) size += event.data.length + event.customMetadata.length;
      return size > maxCommitSize;
    });
    return waiting.splice(0, end < 0 ? waiting.length : Math.max(end, 1));
  }

  async function writeGroup(group: Waiting[]): Promise<void> {
    try {
      const batch = openBatch(store, recent, currentTicks());
      const outcomes = group.map(({ request }) => batch.append(request));
      const changes = batch.changes();
      if (changes.events.length > 0) {
        await store.commit(changes);
        publish(changes);
      }
      group.forEach(({ resolve }, index) => {
        resolve(outcomes[index] as AppendOutcome);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  function publish({ events, streams }: Changes): void {
    for (const { event, streamNumber, revision } of events) recent.remember(idOf(event), { streamNumber, revision });
    tail.add(events.map(({ event }) => event));
    head = events.at(-1)?.event.position ?? head;
    for (const follow of followers) follow({ touches: (stream) => streams.has(stream) });
  }

  return {
    append,
    after(position, limit) {
      const events = tail.after(position, limit);
      if (events) return { events, recent: true };
      return { events: store.log({ from: position + 1n, backwards: false, limit }), recent: false };
    },
    before: (position, limit) => store.log({ from: position, backwards: true, limit }),
    head: () => head,
    stream: (name) => store.stream(name),
    streamEvents(entry, from, backwards, limit) {
      const positions = store.streamPositions(entry.number, { from, backwards, limit });
      return positions.flatMap((position) => store.event(position) ?? []);
    },
    onCommit(follow) {
      followers.add(follow);
      return () => followers.delete(follow);
    },
    async close() {
      closed = true;
      await writing;
      await store.close();
    },
  };
}
