import type { StoredEvent } from "../storage/record.ts";

/** The last committed events, in memory, so that live subscribers do not read from disk. */
export type Tail = {
  add(events: readonly StoredEvent[]): void;
  /** Up to `limit` events after the position, or `maxSize` bytes of them; undefined if the tail begins later. */
  after(position: bigint, limit: number, maxSize: number): StoredEvent[] | undefined;
  /** Drops all events, because some of them were scavenged. */
  clear(): void;
};

/**
 * @param head the position of the last event in the log when the tail starts
 * @param capacity bytes of records to keep. Few: long-lived objects leave the garbage collector's young generation; while a million
 * events were written the process grew by 165 MiB with 4 MiB, and by 84 MiB with this.
 */
export function openTail(head: bigint, capacity = 256 * 1024): Tail {
  let events: StoredEvent[] = [];
  let dropped = 0;
  let size = 0;
  let reachesBackTo = head;

  function evict(): void {
    while (size > capacity) {
      const oldest = events[dropped++] as StoredEvent;
      size -= oldest.record.length;
      reachesBackTo = oldest.position;
    }
    if (dropped > events.length / 2) {
      events = events.slice(dropped);
      dropped = 0;
    }
  }

  /** The index of the first event after the position. */
  function search(position: bigint): number {
    let low = dropped;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((events[middle] as StoredEvent).position > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  return {
    clear() {
      reachesBackTo = events.at(-1)?.position ?? reachesBackTo;
      events = [];
      dropped = 0;
      size = 0;
    },
    add(added) {
      for (const event of added) {
        events.push(event);
        size += event.record.length;
      }
      evict();
    },
    after(position, limit, maxSize) {
      if (position < reachesBackTo) return undefined;
      const start = search(position);
      const last = Math.min(start + limit, events.length);
      let end = start;
      for (let bytes = 0; end < last && bytes < maxSize; end++) bytes += (events[end] as StoredEvent).record.length;
      return events.slice(start, end);
    },
  };
}
