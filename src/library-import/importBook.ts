import { randomUUID } from "node:crypto";
import { catalogueBook } from "../commands/library/catalogueBook.ts";
import { compareEdition } from "../commands/library/compareEdition.ts";
import { publishEdition } from "../commands/library/publishEdition.ts";
import type { PublishedChapters } from "../commands/library/publishedChapters.ts";
import { ownContext } from "../commands/ownContext.ts";
import type { HandleCommand } from "../commands/types.ts";
import type { Cover } from "../content/covers.ts";
import type { StoredText } from "../content/storeTexts.ts";
import { maxChaptersPerEvent } from "../domain/library/limits.ts";
import type { Account } from "./account.ts";
import { editionOf } from "./edition.ts";
import { bookIdOf } from "./ids.ts";
import { refuseLoss, refuseOther } from "./needsDecision.ts";
import { type CatalogueOptions, offeredBook } from "./offeredBook.ts";
import type { ParsedBook } from "./parsedBook.ts";
import { pieces } from "./pieces.ts";

export type ImportDeps = {
  readonly handleCommand: HandleCommand;
  readonly publishedChapters: PublishedChapters;
  /** Stores missing texts; resolves with their number. */
  readonly storeTexts: (texts: readonly StoredText[]) => Promise<number>;
  /** Stores a cover unless it exists; resolves with its SHA-256. */
  readonly storeCover: (cover: Cover) => Promise<string>;
  /** The book of a file, by the SHA-256 of its bytes; undefined if it was never imported. */
  readonly bookOfFile: (sha256: string) => Promise<string | undefined>;
  readonly rememberFile: (sha256: string, bookId: string) => Promise<void>;
};

/** Values from the importer, which take precedence over those in the file. */
export type ImportOptions = CatalogueOptions & {
  readonly bookId?: string | undefined;
  /** Import a file even if much of its text was not kept. */
  readonly force?: boolean | undefined;
  /** Import even if most chapters of the existing book would be replaced. */
  readonly replace?: boolean | undefined;
  /** Called after each step; a chapter counts twice: when its text is stored, and when it is published. */
  readonly onProgress?: (done: number, total: number) => void;
};

/**
 * `events` are the types written, in order; empty if nothing changed. `title` and `author` are those of the file, its name or the
 * options; the catalogue may keep others.
 */
export type ImportResult = {
  readonly bookId: string;
  readonly title: string;
  readonly author: string;
  readonly chapters: number;
  readonly words: number;
  readonly textsStored: number;
  readonly events: readonly string[];
  /** How much of the file was read and kept, and warnings; null for a book without text. */
  readonly account: Account | null;
};

/** Limits of a Postgres statement: its texts, and their length in UTF-16 units, of which 200,000 take the process some 10 ms. */
const perStatement = { chapters: 200, units: 200_000 };

/**
 * Stores a book's texts, then catalogues it and publishes its chapters as an edition. Repeating an import writes nothing; an
 * interrupted one continues where it stopped. A file that was imported before keeps its book, and a catalogued book keeps what
 * the import does not say (`offeredBook`, `keepHeadings`). Rejects with NeedsDecision before anything is written, or as the commands and
 * Postgres do.
 */
export async function importBook(
  deps: ImportDeps,
  parsed: ParsedBook,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const { title, author, source } = offeredBook(parsed, options, { isSameFile: false }).book;
  const { fileSha256, account = null } = parsed;
  const before = fileSha256 === undefined ? undefined : await deps.bookOfFile(fileSha256);
  const bookId = options.bookId ?? before ?? bookIdOf(source);
  const isWhole = parsed.chapters.every(({ unstated = [] }) => unstated.length === 0);
  const present = isWhole ? [] : await deps.publishedChapters(bookId);
  const { digest, chapters } = await editionOf(bookId, parsed.chapters, present);
  const correlationId = randomUUID();
  const context = (sent: unknown) => ownContext(sent, correlationId);
  if (!options.force) refuseLoss(account);
  if (!options.replace && chapters.length > 0) {
    const compared = chapters.map(({ offered }) => offered);
    await refuseOther(compareEdition(deps, { bookId, chapters: compared }, context({ digest })), {
      bookId,
      title,
      author,
      account,
      isNamed: options.bookId !== undefined,
    });
  }
  const coverSha256 = parsed.cover && (await deps.storeCover(parsed.cover));
  const { book, known } = offeredBook(parsed, options, { coverSha256, isSameFile: before === bookId });
  const progress = counter(2 * chapters.length, options.onProgress);

  let textsStored = 0;
  for (const some of pieces(chapters, perStatement)) {
    textsStored += await deps.storeTexts(some.map(({ text, offered }) => ({ sha256: offered.sha256, text })));
    progress(some.length);
  }

  const events: string[] = [];
  const catalogued = await catalogueBook(deps, { bookId, book, known }, context(book));
  events.push(...catalogued.events);
  const offer = { digest, chapters: chapters.map(({ offered }) => offered) };
  let published = chapters.length === 0;
  for (let step = 0; !published && step < Math.ceil(chapters.length / maxChaptersPerEvent); step++) {
    const done = await publishEdition(deps, { bookId, ...offer }, context({ digest }));
    events.push(...done.events);
    published = done.events.length === 0 || done.events.includes("BookPublished");
    progress(published ? undefined : maxChaptersPerEvent);
  }
  if (!published) throw new Error(`another import changed book ${bookId} at the same time; import it again`);

  if (fileSha256 !== undefined) await deps.rememberFile(fileSha256, bookId);
  const words = chapters.reduce((sum, { offered }) => sum + offered.words, 0);
  return { bookId, title, author, chapters: chapters.length, words, textsStored, events, account };
}

/** Counts steps; called without a number it counts to the end. */
function counter(total: number, onProgress: ImportOptions["onProgress"]): (steps?: number) => void {
  let done = 0;
  return (steps = total) => {
    done = Math.min(done + steps, total);
    onProgress?.(done, total);
  };
}
