/** Where an event with this id was written. */
export type Written = { streamNumber: bigint; revision: bigint };

export type RecentIds = {
  find(id: Buffer, streamNumber: bigint): bigint | undefined;
  remember(id: Buffer, written: Written): void;
};

/**
 * The memory that makes repeats of `any` appends harmless: bounded, the oldest ids go, and empty after a restart, as on the
 * real server, so that nobody comes to rely on more. An id is remembered where it was last written.
 * The bound is about 8 MiB: an entry of this Map takes some 160 bytes.
 */
export function recentIds(capacity = 50_000): RecentIds {
  const known = new Map<string, Written>();
  return {
    find(id, streamNumber) {
      const written = known.get(id.toString("latin1"));
      return written?.streamNumber === streamNumber ? written.revision : undefined;
    },
    remember(id, written) {
      const key = id.toString("latin1");
      known.delete(key);
      known.set(key, written);
      if (known.size > capacity) known.delete(known.keys().next().value as string);
    },
  };
}
