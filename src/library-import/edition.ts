import { setImmediate } from "node:timers/promises";
import type { OfferedChapter } from "../domain/library/edition.ts";
import { newChapterIdOf, sha256 } from "./ids.ts";
import type { ParsedChapter } from "./parsedBook.ts";
import { pieces } from "./pieces.ts";
import { countWords } from "./words.ts";

/** A whole edition: its digest and its chapters with their texts, as an import stores and publishes them. */
export type EditionToPublish = {
  readonly digest: string;
  readonly chapters: readonly { readonly text: string; readonly offered: OfferedChapter }[];
};

/** How much text is measured before other work of the process gets its turn, in UTF-16 units: some ms. */
const unitsAtOnce = 100_000;

/**
 * Measures and hashes the chapters of a book, in pieces, so that the worker's other work goes on. The digest is the SHA-256 of all
 * headings, kinds and texts in order, which distinguishes a repeated import from a new edition.
 */
export async function editionOf(bookId: string, parsed: readonly ParsedChapter[]): Promise<EditionToPublish> {
  const measured: { text: string; facts: Omit<OfferedChapter, "newChapterId"> }[] = [];
  for (const piece of pieces(parsed, { units: unitsAtOnce })) {
    for (const { text, ...heading } of piece) {
      const facts = { ...heading, sha256: sha256(text), length: text.length, words: countWords(text) };
      measured.push({ text, facts });
    }
    await setImmediate();
  }
  const digest = sha256(
    JSON.stringify(measured.map(({ facts }) => [facts.title, facts.volume, facts.kind, facts.sha256])),
  );
  const chapters = measured.map(({ text, facts }) => ({
    text,
    offered: { ...facts, newChapterId: newChapterIdOf(bookId, digest, facts.no) },
  }));
  return { digest, chapters };
}
