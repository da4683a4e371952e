/** Where an event with this id was written. */
export type Written = { stream: string; revision: bigint };

export type RecentIds = {
  find(id: Buffer): Written | undefined;
  remember(id: Buffer, written: Written): void;
};

/**
 * The memory that makes repeats of `any` appends harmless: bounded, the oldest ids go, and empty after a restart, as on the
 * real server, so that nobody comes to rely on more. An id is remembered where it was first written, also when another
 * stream gets it later.
 * The bound is about 8 MiB: an entry takes some 200 bytes.
 */
export function recentIds(capacity = 40_000): RecentIds {
  const known = new Map<string, Written>();
  return {
    find: (id) => known.get(id.toString("latin1")),
    remember(id, written) {
      const key = id.toString("latin1");
      if (known.has(key)) return;
      known.set(key, written);
      if (known.size > capacity) known.delete(known.keys().next().value as string);
    },
  };
}
