import type { PostReadingProgressBody } from "./api.js";
import type { HeimaError } from "./errors.js";

/** What was read, as POST /v1/reading/progress takes it. */
export type ProgressEntry = PostReadingProgressBody["entries"][number];

/** What the queue keeps in the storage. */
export interface Waiting {
  /** Whose entries they are; undefined before the first login. */
  readerId: string | undefined;
  /** In the order in which they were added. */
  entries: ProgressEntry[];
  /** The first `size` entries are being sent, or were without an answer, under this Idempotency-Key. */
  batch: { key: string; size: number } | undefined;
  /** How many the next batch may have: fewer after one was refused as a whole. */
  most: number;
}

export function nothingWaiting(most: number): Waiting {
  return { readerId: undefined, entries: [], batch: undefined, most };
}

/**
 * Adds an entry behind the others. Above `capacity` one has to go, which is returned: the oldest whose book has a later entry, so
 * that the last place in each book stays, or else the oldest. Those of a batch that was sent stay as they are.
 */
export function addEntry(waiting: Waiting, entry: ProgressEntry, capacity: number): ProgressEntry | undefined {
  waiting.entries.push(entry);
  if (waiting.entries.length <= capacity) return undefined;
  const first = waiting.batch === undefined ? 0 : waiting.batch.size;
  const lastOf: Record<string, number> = {};
  waiting.entries.forEach(({ bookId }, index) => {
    lastOf[bookId] = index;
  });
  let goes = first;
  while (goes < waiting.entries.length && lastOf[(waiting.entries[goes] as ProgressEntry).bookId] === goes) goes++;
  return waiting.entries.splice(goes < waiting.entries.length ? goes : first, 1)[0];
}

/** The batch to send: the one that had no answer, with its key, or the first entries with a new one. Undefined: none wait. */
export function nextBatch(
  waiting: Waiting,
  newKey: () => string,
): { key: string; entries: ProgressEntry[] } | undefined {
  if (waiting.entries.length === 0) return undefined;
  if (waiting.batch === undefined) {
    waiting.batch = { key: newKey(), size: Math.min(waiting.most, waiting.entries.length) };
  }
  return { key: waiting.batch.key, entries: waiting.entries.slice(0, waiting.batch.size) };
}

/** The batch was accepted. */
export function batchDone(waiting: Waiting, most: number): void {
  if (waiting.batch !== undefined) waiting.entries.splice(0, waiting.batch.size);
  waiting.batch = undefined;
  waiting.most = Math.min(most, waiting.most * 2);
}

/**
 * The batch was refused for what is in it. The entries that `errors` names go and are returned; if it names none, the next batch is
 * half as long, until the one that is to blame is alone.
 */
export function batchRefused(waiting: Waiting, { errors }: Pick<HeimaError, "errors">): ProgressEntry[] {
  const size = waiting.batch === undefined ? 0 : waiting.batch.size;
  const named: Record<number, true> = {};
  for (const { path } of errors) {
    const found = /^entries\.(\d+)(\.|$)/.exec(path);
    if (found !== null && Number(found[1]) < size) named[Number(found[1])] = true;
  }
  if (size === 1) named[0] = true;
  waiting.batch = undefined;
  const refused = waiting.entries.filter((_, index) => named[index]);
  waiting.entries = waiting.entries.filter((_, index) => !named[index]);
  if (refused.length === 0) waiting.most = Math.max(1, Math.floor(size / 2));
  return refused;
}
