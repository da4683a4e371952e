import { randomUUID } from "node:crypto";
import { CommandRefused } from "../commands/errors.ts";
import { catalogueBook } from "../commands/library/catalogueBook.ts";
import { compareEdition } from "../commands/library/compareEdition.ts";
import { publishEdition } from "../commands/library/publishEdition.ts";
import type { PublishedChapters } from "../commands/library/publishedChapters.ts";
import { ownContext } from "../commands/ownContext.ts";
import type { CommandResult, HandleCommand } from "../commands/types.ts";
import type { Cover } from "../content/covers.ts";
import type { StoredText } from "../content/storeTexts.ts";
import { maxChaptersPerEvent } from "../domain/library/limits.ts";
import type { Account } from "./account.ts";
import { editionOf } from "./edition.ts";
import { bookIdOf } from "./ids.ts";
import { lossOf, type NeedsDecision, otherOf, type ReplacedEditions, refuseAll } from "./needsDecision.ts";
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
  /** Import even if most chapters of the existing book would be replaced: of any, or of these editions. */
  readonly replace?: boolean | ReplacedEditions | undefined;
  /** The published edition for which the book was made; rejects with EditionChanged if it is another one. */
  readonly after?: number | undefined;
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

/** Another import published an edition of the book while this one was made for the edition before. */
export class EditionChanged extends Error {
  override readonly name = "EditionChanged";
}

/** How often an import begins again because of others of the same book. */
const mostBeginnings = 4;

/** Runs `work` again while others change the book's edition meanwhile. */
export async function whileEditionsChange<Result>(bookId: string, work: () => Promise<Result>): Promise<Result> {
  for (let times = 1; times <= mostBeginnings; times++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EditionChanged)) throw error;
    }
  }
  throw new Error(`another import changed book ${bookId} at the same time; import it again`);
}

/**
 * Stores a book's texts, then catalogues it and publishes its chapters as an edition. Repeating an import writes nothing; an
 * interrupted one continues where it stopped. A file that was imported before keeps its book, and a catalogued book keeps what
 * the import does not say (`offeredBook`, `keepHeadings`). All of it is for the edition that was published at its beginning: if another
 * import publishes one meanwhile, it begins again. Rejects with NeedsDecision before anything is written, or as the commands and
 * Postgres do.
 */
export async function importBook(
  deps: ImportDeps,
  parsed: ParsedBook,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const { source } = offeredBook(parsed, options, { isSameFile: false }).book;
  const { fileSha256 } = parsed;
  const before = fileSha256 === undefined ? undefined : await deps.bookOfFile(fileSha256);
  const bookId = options.bookId ?? before ?? bookIdOf(source);
  const written: Written = { textsStored: 0, events: [] };
  const once = () => importOnce(deps, parsed, options, { bookId, isSameFile: before === bookId }, written);
  const result = await (options.after === undefined ? whileEditionsChange(bookId, once) : once());
  if (fileSha256 !== undefined) await deps.rememberFile(fileSha256, bookId);
  return result;
}

/** What was written so far, also before an import began again. */
type Written = { textsStored: number; readonly events: string[] };

async function importOnce(
  deps: ImportDeps,
  parsed: ParsedBook,
  options: ImportOptions,
  { bookId, isSameFile }: { readonly bookId: string; readonly isSameFile: boolean },
  written: Written,
): Promise<ImportResult> {
  const { title, author } = offeredBook(parsed, options, { isSameFile: false }).book;
  const { account = null } = parsed;
  const hasText = parsed.chapters.length > 0;
  const present = hasText ? await deps.publishedChapters(bookId) : { edition: undefined, chapters: [] };
  const after = present.edition;
  if (options.after !== undefined && after !== undefined && after !== options.after) throw new EditionChanged();
  const { digest, chapters } = await editionOf(bookId, parsed.chapters, present.chapters);
  const correlationId = randomUUID();
  const context = (sent: unknown) => ownContext(sent, correlationId);
  const { force, replace = false } = options;
  const mayReplace = typeof replace === "boolean" ? replace : replace[bookId] === after;
  const compare = async (): Promise<NeedsDecision | undefined> => {
    if (mayReplace || after === undefined) return undefined;
    const compared = { bookId, chapters: chapters.map(({ offered }) => offered), after };
    const why = await differenceOf(compareEdition(deps, compared, context({ digest })));
    if (why === undefined) return undefined;
    if ((await deps.publishedChapters(bookId)).edition !== after) throw new EditionChanged();
    return otherOf(why, { bookId, title, author, account, isNamed: options.bookId !== undefined, edition: after });
  };
  refuseAll([force ? undefined : lossOf(account), await compare()]);

  const coverSha256 = parsed.cover && (await deps.storeCover(parsed.cover));
  const { book, known } = offeredBook(parsed, options, { coverSha256, isSameFile });
  const progress = counter(2 * chapters.length, options.onProgress);

  const stated = chapters.flatMap(({ text, offered }) => (text === undefined ? [] : [{ text, offered }]));
  for (const some of pieces(stated, perStatement)) {
    written.textsStored += await deps.storeTexts(some.map(({ text, offered }) => ({ sha256: offered.sha256, text })));
    progress(some.length);
  }
  if (stated.length < chapters.length) progress(chapters.length - stated.length);

  const send = async (command: Promise<CommandResult>): Promise<readonly string[]> => {
    const why = await differenceOf(command.then(({ events }) => void written.events.push(...events)));
    if (why !== undefined) throw new EditionChanged();
    return (await command).events;
  };
  await send(catalogueBook(deps, { bookId, book, known, ...(after !== undefined && { after }) }, context(book)));
  let published = after === undefined;
  if (after !== undefined) {
    const offer = { bookId, digest, chapters: chapters.map(({ offered }) => offered), after };
    for (let step = 0; !published && step < Math.ceil(chapters.length / maxChaptersPerEvent); step++) {
      const events = await send(publishEdition(deps, offer, context({ digest })));
      published = events.length === 0 || events.includes("BookPublished");
      progress(published ? undefined : maxChaptersPerEvent);
    }
  }
  // Another draft of the same edition was in the way.
  if (!published) throw new EditionChanged();

  const words = chapters.reduce((sum, { offered }) => sum + offered.words, 0);
  return { bookId, title, author, chapters: chapters.length, words, ...written, account };
}

/** Why the book is another one than the command was for; undefined if it was carried out. */
async function differenceOf(command: Promise<unknown>): Promise<string | undefined> {
  try {
    await command;
    return undefined;
  } catch (error) {
    if (error instanceof CommandRefused && error.code === "book_differs") return error.message;
    throw error;
  }
}

/** Counts steps; called without a number it counts to the end. */
function counter(total: number, onProgress: ImportOptions["onProgress"]): (steps?: number) => void {
  let done = 0;
  return (steps = total) => {
    done = Math.min(done + steps, total);
    onProgress?.(done, total);
  };
}
