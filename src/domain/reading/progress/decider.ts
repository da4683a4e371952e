import type { Decider } from "../../decider.ts";
import type { ProgressEntry, ProgressEvent } from "./events.ts";

/**
 * How many of a stream's last entries make its state. An older entry that is sent again is appended again, which every read
 * model tolerates.
 */
export const rememberedEntries = 500;

/** The ids of the last entries, the oldest first. */
export type KnownEntries = ReadonlySet<string>;

export type ProgressCommand = { readonly type: "RecordProgress"; readonly entries: readonly ProgressEntry[] };

/** Entries may arrive in any order and repeatedly. An entry id counts once, whatever its other fields. */
export const progressDecider: Decider<KnownEntries, ProgressCommand, ProgressEvent> = {
  initialState: new Set(),
  evolve: (known, event) => withEntries(known, [event]),
  fold: withEntries,

  decide({ entries }, known) {
    const added = new Map<string, ProgressEvent>();
    for (const data of entries) {
      if (known.has(data.entryId) || added.has(data.entryId)) continue;
      added.set(data.entryId, { type: "ReadingProgressed", data });
    }
    return [...added.values()];
  },
};

function withEntries(known: KnownEntries, events: readonly ProgressEvent[]): KnownEntries {
  const ids = [...known, ...events.map(({ data }) => data.entryId)].slice(-rememberedEntries);
  return new Set(ids);
}
