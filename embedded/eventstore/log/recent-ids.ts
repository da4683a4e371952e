/** The ordinals in the log of recently written events, by their ids. */
export type RecentIds = {
  /** Where an event with this id was perhaps first written: ids can collide here, so the caller must check the event. */
  find(id: Buffer): number | undefined;
  /** Does nothing when the id is known: the first write's ordinal is kept. */
  remember(id: Buffer, ordinal: number): void;
  forget(id: Buffer): void;
};

/**
 * The memory that makes repeated appends without an expected revision idempotent: bounded (the oldest ids are dropped), and empty
 * after a restart, as in EventStoreDB, so that no client relies on more. Ids are kept as hashes in two tables, of which the older
 * one is emptied when the younger one is full. (Maps of strings took more time than all other work of an append, and left the
 * garbage collector 200 bytes for each event.)
 */
export function recentIds(capacity = 65_536): RecentIds {
  let young = emptyTable(capacity);
  let old = emptyTable(capacity);

  return {
    find: (id) => young.find(id) ?? old.find(id),
    remember(id, ordinal) {
      if (young.find(id) !== undefined || old.find(id) !== undefined) return;
      if (young.isFull()) {
        old.clear();
        [young, old] = [old, young];
      }
      young.put(id, ordinal);
    },
    forget(id) {
      young.remove(id);
      old.remove(id);
    },
  };
}

/** A hash table with linear probing, half full at most. Ordinals are stored plus one, so that 0 is a free slot. */
function emptyTable(capacity: number) {
  const slots = 2 ** Math.ceil(Math.log2(2 * capacity));
  const marks = new Uint32Array(slots);
  const ordinals = new Float64Array(slots);
  /** Replaces a removed ordinal: the slot stays occupied, as the probing of other ids may pass it. */
  const removed = -1;
  let used = 0;

  /** The slot of the id, or the free slot for it. */
  function slotOf(id: Buffer, mark: number): number {
    let slot = (hash(id, 0x9e3779b1) >>> 0) & (slots - 1);
    while (ordinals[slot] !== 0 && marks[slot] !== mark) slot = (slot + 1) & (slots - 1);
    return slot;
  }

  return {
    isFull: () => used >= capacity,
    find(id: Buffer): number | undefined {
      const kept = ordinals[slotOf(id, markOf(id))] as number;
      return kept > 0 ? kept - 1 : undefined;
    },
    put(id: Buffer, ordinal: number): void {
      const mark = markOf(id);
      const slot = slotOf(id, mark);
      if (ordinals[slot] === 0) used += 1;
      marks[slot] = mark;
      ordinals[slot] = ordinal + 1;
    },
    remove(id: Buffer): void {
      const slot = slotOf(id, markOf(id));
      if (ordinals[slot] !== 0) ordinals[slot] = removed;
    },
    clear(): void {
      ordinals.fill(0);
      used = 0;
    },
  };
}

function markOf(id: Buffer): number {
  return hash(id, 0x85ebca6b) >>> 0;
}

/** Mixes the four words of an id; ids that differ in a few bits must not collide (Murmur's steps). */
function hash(id: Buffer, seed: number): number {
  let mixed = seed;
  for (let at = 0; at < 16; at += 4) {
    const word =
      (id[at] as number) |
      ((id[at + 1] as number) << 8) |
      ((id[at + 2] as number) << 16) |
      ((id[at + 3] as number) << 24);
    mixed = Math.imul(mixed ^ Math.imul(word, 0xcc9e2d51), 0x1b873593);
    mixed ^= mixed >>> 15;
  }
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
