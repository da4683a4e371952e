import type { Decider } from "../../decider.ts";
import { groupBy } from "../../groupBy.ts";
import { isCorrected, type ProgressEntry, type ProgressEvent } from "./events.ts";
import { isReadLater } from "./isReadLater.ts";

/**
 * The number of a stream's last entries that make its state. An older entry that is sent again is appended again, which every
 * read model tolerates.
 */
export const rememberedEntries = 500;

/** The last entries of a stream. */
export type LastEntries = {
  /** Their ids, the oldest first. */
  readonly ids: ReadonlySet<string>;
  /**
   * The entries that no newer entry of the same book and device supersedes, the oldest first: the first of a book and device is its latest
   * place, and the others take over when that one leaves the window.
   */
  readonly latest: readonly ProgressEntry[];
};

type Read = Pick<ProgressEntry, "entryId" | "readAt">;

/** The latest place in a book as a read model has it, where it may be older than in the stream. */
export type KnownPlace = Read & Pick<ProgressEntry, "chapterId">;

export type ProgressCommand =
  | { readonly type: "RecordProgress"; readonly entries: readonly ProgressEntry[] }
  /** Records the entry, unless the latest place in its book is in its chapter. `known` stands for the entries that the state forgot. */
  | { readonly type: "OpenChapter"; readonly entry: ProgressEntry; readonly known: KnownPlace | undefined };

/** Entries may arrive in any order and repeatedly. An entry id counts once, whatever its other fields. */
export const progressDecider: Decider<LastEntries, ProgressCommand, ProgressEvent> = {
  initialState: { ids: new Set(), latest: [] },
  evolve: (last, event) => withEntries(last, [event]),
  fold: withEntries,

  decide(command, last) {
    switch (command.type) {
      case "RecordProgress":
        return newEntries(command.entries, last);
      case "OpenChapter": {
        const { entry, known } = command;
        const remembered = last.latest.filter(({ bookId }) => bookId === entry.bookId);
        const latest = remembered.reduce((a: KnownPlace | undefined, b) => (isLater(b, a) ? b : a), known);
        return latest?.chapterId === entry.chapterId ? [] : newEntries([entry], last);
      }
    }
  },
};

function newEntries(entries: readonly ProgressEntry[], { ids, latest }: LastEntries): readonly ProgressEvent[] {
  const added = new Map<string, ProgressEntry>();
  for (const entry of entries) {
    if (!ids.has(entry.entryId) && !added.has(entry.entryId)) added.set(entry.entryId, entry);
  }
  const corrected = [...latestPlaces([...added.values()])].filter(isCorrected);
  if (corrected.length > 0) {
    const known = groupBy(latest, placeOf);
    for (const entry of corrected) added.set(entry.entryId, afterEarlier(entry, known.get(placeOf(entry)) ?? []));
  }
  return [...added.values()].map((data) => ({ type: "ReadingProgressed", data }));
}

/**
 * A corrected entry, read later than those of `known`, of its book and device, that were reported with an earlier time. Each command is
 * corrected by itself, by a lower bound of what the clock is ahead, so an earlier command may have been moved back by less (decision 0110).
 */
function afterEarlier(entry: ProgressEntry, known: readonly ProgressEntry[]): ProgressEntry {
  const reported = reportedMs(entry);
  const readMs = Math.max(...known.filter((one) => reportedMs(one) < reported).map(({ readAt }) => Date.parse(readAt)));
  return Date.parse(entry.readAt) > readMs ? entry : { ...entry, readAt: new Date(readMs + 1).toISOString() };
}

const reportedMs = ({ readAt, readAtRaw }: ProgressEntry) => Date.parse(readAtRaw ?? readAt);

function withEntries(last: LastEntries, events: readonly ProgressEvent[]): LastEntries {
  const added = events.map(({ data }) => data);
  const ids = new Set([...last.ids, ...added.map(({ entryId }) => entryId)].slice(-rememberedEntries));
  return { ids, latest: latestOf([...last.latest, ...added]).filter(({ entryId }) => ids.has(entryId)) };
}

/** The entries that no newer entry of the same book and device supersedes. An entry supersedes another if it was read later. */
function latestOf(entries: readonly ProgressEntry[]): readonly ProgressEntry[] {
  const latest = new Map<string, ProgressEntry>();
  const kept: ProgressEntry[] = [];
  for (const entry of entries.toReversed()) {
    const place = placeOf(entry);
    if (!isLater(entry, latest.get(place))) continue;
    latest.set(place, entry);
    kept.push(entry);
  }
  return kept.reverse();
}

/** The latest entry of each book and device: the first in `latestOf`. */
const latestPlaces = (entries: readonly ProgressEntry[]): Iterable<ProgressEntry> =>
  new Map(
    latestOf(entries)
      .toReversed()
      .map((entry) => [placeOf(entry), entry]),
  ).values();

/** The key of a book and a device; ids of books have the same length. */
const placeOf = ({ bookId, deviceId }: ProgressEntry) => bookId + deviceId;

function isLater(entry: Read, than: Read | undefined): boolean {
  return isReadLater(momentOf(entry), than && momentOf(than));
}

const momentOf = ({ readAt, entryId }: Read) => ({ readAtMs: Date.parse(readAt), entryId });
