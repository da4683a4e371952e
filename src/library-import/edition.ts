import type { OfferedChapter } from "../domain/library/edition.ts";
import { newChapterIdOf, sha256 } from "./ids.ts";
import type { ParsedChapter } from "./parsedBook.ts";
import { countWords } from "./words.ts";

/** A whole edition: its digest and its chapters with their texts, as an import stores and publishes them. */
export type EditionToPublish = {
  readonly digest: string;
  readonly chapters: readonly { readonly text: string; readonly offered: OfferedChapter }[];
};

/**
 * Measures and hashes the chapters of a book. The digest is the SHA-256 of all headings, kinds and texts in order, which
 * distinguishes a repeated import from a new edition.
 */
export function editionOf(bookId: string, parsed: readonly ParsedChapter[]): EditionToPublish {
  const measured = parsed.map(({ text, ...heading }) => ({
    text,
    facts: { ...heading, sha256: sha256(text), length: text.length, words: countWords(text) },
  }));
  const digest = sha256(
    JSON.stringify(measured.map(({ facts }) => [facts.title, facts.volume, facts.kind, facts.sha256])),
  );
  const chapters = measured.map(({ text, facts }) => ({
    text,
    offered: { ...facts, newChapterId: newChapterIdOf(bookId, digest, facts.no) },
  }));
  return { digest, chapters };
}
