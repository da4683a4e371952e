/** When an entry was read, in milliseconds since 1970, and its id. */
type ReadMoment = { readonly readAtMs: number; readonly entryId: string };

/** Which of two entries was read later; of the same time, the one with the greater id. Any is later than none. */
export function isReadLater(a: ReadMoment, b: ReadMoment | undefined): boolean {
  if (b === undefined || a.readAtMs > b.readAtMs) return true;
  return a.readAtMs === b.readAtMs && a.entryId > b.entryId;
}
