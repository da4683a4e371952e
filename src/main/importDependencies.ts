import { createPublishedChapters } from "../commands/library/publishedChapters.ts";
import type { HandleCommand } from "../commands/types.ts";
import { storeCover } from "../content/covers.ts";
import { bookOfFile, rememberFile } from "../content/importedFiles.ts";
import { storeTexts } from "../content/storeTexts.ts";
import type { EventStore } from "../event-store/types.ts";
import type { ImportDependencies } from "../library-import/importBook.ts";
import type { Pool } from "../platform/postgres.ts";

/** The dependencies of an import. */
export function importDependencies(
  pool: Pool,
  handleCommand: HandleCommand,
  eventStore: Pick<EventStore, "readStream">,
): ImportDependencies {
  return {
    handleCommand,
    publishedChapters: createPublishedChapters(eventStore),
    storeTexts: (texts) => storeTexts(pool, texts),
    storeCover: (cover) => storeCover(pool, cover),
    bookOfFile: (sha256) => bookOfFile(pool, sha256),
    rememberFile: (sha256, bookId) => rememberFile(pool, sha256, bookId),
  };
}
