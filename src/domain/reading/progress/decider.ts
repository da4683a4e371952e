import type { Decider } from "../../decider.ts";
import type { ProgressEntry, ProgressEvent } from "./events.ts";

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
   * The entries that no newer entry of their book supersedes, oldest first: each book's latest place, and those that take over when it
   * leaves the window.
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
        const remembered = last.latest.find(({ bookId }) => bookId === entry.bookId);
        const latest = remembered !== undefined && isLater(remembered, known) ? remembered : known;
        return latest?.chapterId === entry.chapterId ? [] : newEntries([entry], last);
      }
    }
  },
};

function newEntries(entries: readonly ProgressEntry[], { ids }: LastEntries): readonly ProgressEvent[] {
  const added = new Map<string, ProgressEvent>();
  for (const data of entries) {
    if (ids.has(data.entryId) || added.has(data.entryId)) continue;
    added.set(data.entryId, { type: "ReadingProgressed", data });
  }
  return [...added.values()];
}

function withEntries(last: LastEntries, events: readonly ProgressEvent[]): LastEntries {
  const added = events.map(({ data }) => data);
  const ids = new Set([...last.ids, ...added.map(({ entryId }) => entryId)].slice(-rememberedEntries));
  return { ids, latest: latestOf([...last.latest, ...added]).filter(({ entryId }) => ids.has(entryId)) };
}

/** The entries that no newer entry of their book supersedes, oldest first. An entry supersedes another if it was read later. */
function latestOf(entries: readonly ProgressEntry[]): readonly ProgressEntry[] {
  const latest = new Map<string, ProgressEntry>();
  const kept: ProgressEntry[] = [];
  for (const entry of entries.toReversed()) {
    if (!isLater(entry, latest.get(entry.bookId))) continue;
    latest.set(entry.bookId, entry);
    kept.push(entry);
  }
  return kept.reverse();
}

/** The order in which places were read, as the read model `places` has it. */
function isLater(entry: Read, than: Read | undefined): boolean {
  if (than === undefined) return true;
  const difference = Date.parse(entry.readAt) - Date.parse(than.readAt);
  return difference > 0 || (difference === 0 && entry.entryId > than.entryId);
}
