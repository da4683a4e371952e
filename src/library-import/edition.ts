import { setImmediate } from "node:timers/promises";
import type { OfferedChapter } from "../domain/library/edition.ts";
import type { PublishedChapter } from "../domain/library/events.ts";
import { newChapterIdOf, sha256 } from "./ids.ts";
import { keepHeadings } from "./keepHeadings.ts";
import type { ParsedChapter } from "./parsedBook.ts";
import { pieces } from "./pieces.ts";
import { countWords } from "./words.ts";

/** A whole edition: its digest and its chapters with their texts, as an import stores and publishes them. */
export type EditionToPublish = {
  readonly digest: string;
  /** Without a text where that of a published chapter stays. */
  readonly chapters: readonly { readonly text: string | undefined; readonly offered: OfferedChapter }[];
};

/** The amount of text that is measured before other work of the process gets its turn, in UTF-16 units: some ms. */
const unitsAtOnce = 100_000;

/**
 * Measures and hashes the chapters of a book, in pieces, so that the worker's other work continues. Headings and texts that the file does not state
 * are those of `published`, the chapters of the present edition, or of the `removed` ones of earlier editions. The digest is the SHA-256 of all headings, kinds and texts in order, which
 * distinguishes a repeated import from a new edition.
 */
export async function editionOf(
  bookId: string,
  parsed: readonly ParsedChapter[],
  published: readonly PublishedChapter[],
  removed: readonly PublishedChapter[] = [],
): Promise<EditionToPublish> {
  const measured: (Omit<OfferedChapter, "newChapterId"> & Pick<ParsedChapter, "unstated">)[] = [];
  for (const piece of pieces(parsed, { units: unitsAtOnce })) {
    for (const { text, ...heading } of piece)
      measured.push({ ...heading, sha256: sha256(text), length: text.length, words: countWords(text) });
    await setImmediate();
  }
  const headed = keepHeadings(published, measured, removed);
  const digest = sha256(JSON.stringify(headed.map(({ title, volume, kind, sha256 }) => [title, volume, kind, sha256])));
  const chapters = headed.map(({ unstated: _, ...facts }, index) => ({
    text: facts.sha256 === measured[index]!.sha256 ? parsed[index]!.text : undefined,
    offered: { ...facts, newChapterId: newChapterIdOf(bookId, digest, facts.no) },
  }));
  return { digest, chapters };
}
