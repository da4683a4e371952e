/** Where an event with this id was written. */
export type Written = { stream: string; revision: bigint };

export type RecentIds = {
  find(id: Buffer): Written | undefined;
  remember(id: Buffer, written: Written): void;
  /** Takes back what was remembered of an event that was not written after all. */
  forget(id: Buffer, written: Written): void;
};

/**
 * The memory that makes repeats of appends without a number harmless: bounded, the oldest ids go, and empty after a restart, as
 * on the real server, so that nobody comes to rely on more. An id is remembered where it was first written, also when
 * another stream gets it later.
 * Ids are kept in two generations, and the older one goes as a whole: deleting one by one took half of the time of an
 * append. The bound is about 8 MiB: an entry takes some 200 bytes.
 */
export function recentIds(capacity = 40_000): RecentIds {
  let young = new Map<string, Written>();
  let old = new Map<string, Written>();

  function find(key: string): Written | undefined {
    return young.get(key) ?? old.get(key);
  }

  return {
    find: (id) => find(keyOf(id)),
    remember(id, written) {
      const key = keyOf(id);
      if (find(key)) return;
      young.set(key, written);
      if (young.size < capacity / 2) return;
      old = young;
      young = new Map();
    },
    forget(id, written) {
      const key = keyOf(id);
      for (const generation of [young, old]) if (generation.get(key) === written) generation.delete(key);
    },
  };
}

function keyOf(id: Buffer): string {
  return id.toString("latin1");
}
