import { randomUUID } from "node:crypto";
import { catalogueBook } from "../commands/library/catalogueBook.ts";
import { compareEdition } from "../commands/library/compareEdition.ts";
import { publishEdition } from "../commands/library/publishEdition.ts";
import type { PublishedChapters } from "../commands/library/publishedChapters.ts";
import { ownContext } from "../commands/ownContext.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../commands/types.ts";
import type { Cover } from "../content/covers.ts";
import type { StoredText } from "../content/storeTexts.ts";
import { maxChaptersPerEvent } from "../domain/library/limits.ts";
import type { Account } from "./account.ts";
import { type EditionToPublish, editionOf } from "./edition.ts";
import { EditionChanged, isOtherBook, whileEditionsChange } from "./editionChanges.ts";
import { bookIdOf } from "./ids.ts";
import { lossOf, type NeedsDecision, otherOf, type ReplacedEditions, refuseAll } from "./needsDecision.ts";
import { type CatalogueOptions, offeredBook } from "./offeredBook.ts";
import type { ParsedBook } from "./parsedBook.ts";
import { pieces } from "./pieces.ts";

export type ImportDependencies = {
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
  /** Whether the book is withdrawn, so that nobody sees what was imported. */
  readonly withdrawn: boolean;
  /** The amount of text that was read and kept, and warnings; null for a book without text. */
  readonly account: Account | null;
};

/** A warning if nobody sees what was imported. */
export function hiddenWarnings({ bookId, withdrawn }: ImportResult): readonly string[] {
  return withdrawn ? [`book ${bookId} is withdrawn: \`heima library restore ${bookId}\` shows it again`] : [];
}

/** Limits of a Postgres statement: its texts, and their length in UTF-16 units, of which 200,000 take the process some 10 ms. */
const perStatement = { chapters: 200, units: 200_000 };

/**
 * Stores a book's texts, then catalogues it and publishes its chapters as an edition. Repeating an import writes nothing; an
 * interrupted one continues where it stopped. A file that was imported before keeps its book, and a catalogued book keeps what
 * the import does not say (`offeredBook`, `keepHeadings`). All of it is for the edition that was published at its beginning: if another
 * import publishes one meanwhile, it begins again. Rejects with NeedsDecision before anything is written, or as the commands and
 * Postgres do.
 */
export async function importBook(
  deps: ImportDependencies,
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

/** The texts and events written so far, also before an import began again. */
type Written = { textsStored: number; readonly events: string[] };

/** An edition to be published after the published one, `after` (0: none is). A book without text has none. */
type NextEdition = EditionToPublish & { readonly after: number };

async function importOnce(
  deps: ImportDependencies,
  parsed: ParsedBook,
  options: ImportOptions,
  { bookId, isSameFile }: { readonly bookId: string; readonly isSameFile: boolean },
  written: Written,
): Promise<ImportResult> {
  const { title, author } = offeredBook(parsed, options, { isSameFile: false }).book;
  const { account = null } = parsed;
  const correlationId = randomUUID();
  const context = (sent: unknown) => ownContext(sent, correlationId);
  const present = parsed.chapters.length > 0 ? await deps.publishedChapters(bookId) : undefined;
  const next = present && (await nextEdition(present, parsed, options, bookId));
  const named = { bookId, title, author, account, isNamed: options.bookId !== undefined };
  refuseAll([
    options.force ? undefined : lossOf(account),
    next && !mayReplace(options, bookId, next.after) ? await otherBook(deps, next, named, context) : undefined,
  ]);

  const coverSha256 = parsed.cover && (await deps.storeCover(parsed.cover));
  const chapters = next?.chapters ?? [];
  const progress = counter(2 * chapters.length, options.onProgress);
  const stated = chapters.flatMap(({ text, offered }) => (text === undefined ? [] : [{ text, offered }]));
  for (const some of pieces(stated, perStatement)) {
    written.textsStored += await deps.storeTexts(some.map(({ text, offered }) => ({ sha256: offered.sha256, text })));
    progress(some.length);
  }
  if (stated.length < chapters.length) progress(chapters.length - stated.length);

  /** Sends a command that the book refuses if another edition was published meanwhile. */
  const send = async (command: Promise<CommandResult>): Promise<CommandResult> => {
    const result = await command.catch((error: unknown) => {
      throw isOtherBook(error) ? new EditionChanged() : error;
    });
    written.events.push(...result.events);
    return result;
  };
  const { book, known } = offeredBook(parsed, options, { coverSha256, isSameFile });
  const { revision } = await send(
    catalogueBook(deps, { bookId, book, known, ...(next && { after: next.after }) }, context(book)),
  );
  if (next !== undefined) {
    const { digest, after } = next;
    const offer = { bookId, digest, chapters: chapters.map(({ offered }) => offered), after };
    await publish(() => send(publishEdition(deps, offer, context({ digest }))), chapters.length, progress);
  }
  const words = chapters.reduce((sum, { offered }) => sum + offered.words, 0);
  // A book whose only event is this one is not withdrawn: a new catalogue needs no more reads.
  const { withdrawn = false } = present ?? (revision === 0n ? {} : await deps.publishedChapters(bookId));
  return { bookId, title, author, chapters: chapters.length, words, ...written, withdrawn, account };
}

async function nextEdition(
  present: Awaited<ReturnType<PublishedChapters>>,
  { chapters }: ParsedBook,
  options: ImportOptions,
  bookId: string,
): Promise<NextEdition> {
  if (options.after !== undefined && present.edition !== options.after) throw new EditionChanged();
  return { ...(await editionOf(bookId, chapters, present.chapters, present.removed)), after: present.edition };
}

function mayReplace({ replace = false }: ImportOptions, bookId: string, edition: number): boolean {
  return typeof replace === "boolean" ? replace : replace[bookId] === edition;
}

/** The decision that an edition needs if it is one of another book than the published one. */
async function otherBook(
  deps: ImportDependencies,
  { digest, chapters, after }: NextEdition,
  named: Omit<Parameters<typeof otherOf>[1], "edition">,
  context: (sent: unknown) => CommandContext,
): Promise<NeedsDecision | undefined> {
  const { bookId } = named;
  try {
    const compared = { bookId, chapters: chapters.map(({ offered }) => offered), after };
    await compareEdition(deps, compared, context({ digest }));
    return undefined;
  } catch (error) {
    if (!isOtherBook(error)) throw error;
    if ((await deps.publishedChapters(bookId)).edition !== after) throw new EditionChanged();
    return otherOf(error.message, { ...named, edition: after });
  }
}

/** Takes the steps of publishing an edition. */
async function publish(
  step: () => Promise<Pick<CommandResult, "events">>,
  chapters: number,
  progress: (steps?: number) => void,
): Promise<void> {
  for (let steps = 0; steps < Math.ceil(chapters / maxChaptersPerEvent); steps++) {
    const { events } = await step();
    if (events.length === 0 || events.includes("BookPublished")) return progress();
    progress(maxChaptersPerEvent);
  }
  // Another draft of the same edition was in the way.
  throw new EditionChanged();
}

/** Counts steps; called without a number it counts to the end. */
function counter(total: number, onProgress: ImportOptions["onProgress"]): (steps?: number) => void {
  let done = 0;
  return (steps = total) => {
    done = Math.min(done + steps, total);
    onProgress?.(done, total);
  };
}
