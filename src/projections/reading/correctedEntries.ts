import { isCorrected, type ProgressEvent } from "../../domain/reading/progress/events.ts";
import { idOf } from "../../domain/streams.ts";

type Recorded = ProgressEvent & { readonly stream: string };

/**
 * The table of a reader's entries whose time was corrected. A repetition after its stream has forgotten the entry has another time and must
 * not count. Every entry is looked up in it, because the time of a repetition may no longer need a correction.
 */
export const correctedEntries = {
  columns: { reader_id: "text", entry_id: "text" },
  primaryKey: ["reader_id", "entry_id"],
} as const;

/** The keys under which an event's entry is looked up. */
export const correctedKeys = ({ stream, data }: Recorded) => [{ reader_id: idOf(stream), entry_id: data.entryId }];

/** The rows that an event adds: none if the time of its entry was not corrected. */
export const correctedRows = (event: Recorded) => (isCorrected(event.data) ? correctedKeys(event) : []);
