import type { PublishedChapter } from "../../domain/library/events.ts";
import { bookStream } from "../../domain/library/stream.ts";
import { nameOf } from "../../domain/streamNames.ts";
import { codecOf } from "../../event-store/codec.ts";
import type { EventStore } from "../../event-store/types.ts";
import { loadStream } from "../loadStream.ts";

/**
 * A book's published edition with its chapters in order; edition 0 without chapters if there is none. `removed` are those that editions
 * left out, as far as they are known (`Editions`); `withdrawn`, whether the book is hidden from readers.
 */
export type PublishedChapters = (bookId: string) => Promise<{
  readonly edition: number;
  readonly chapters: readonly PublishedChapter[];
  readonly removed?: readonly PublishedChapter[] | undefined;
  readonly withdrawn?: boolean | undefined;
}>;

/** Answers from the book's stream. Rejects as reading it does. */
export function createPublishedChapters(eventStore: Pick<EventStore, "readStream">): PublishedChapters {
  const reader = { eventStore, codec: codecOf(bookStream.events) };
  return async (bookId) => {
    const { state } = await loadStream(reader, bookStream.decider, nameOf(bookStream, bookId));
    const { edition, chapters } = state.published ?? { edition: 0, chapters: [] };
    return { edition, chapters, removed: state.removed, withdrawn: state.withdrawn === true };
  };
}
