import { createHash } from "node:crypto";
import type { CataloguedBook } from "../domain/library/events.ts";

/** The SHA-256 of the UTF-8 of `text`, in 64 hexadecimal digits. */
export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** The source of a TXT: its title and author, so that another file of the same book has the same id. */
export function txtSource(title: string, author: string): CataloguedBook["source"] {
  return { name: "txt", id: `${normalise(title)}/${normalise(author)}` };
}

/** The id of a book without a given id: a hash of its source and its id there. */
export function bookIdOf(source: CataloguedBook["source"]): string {
  return shortHash([source.name, source.id]);
}

/** The id of a chapter that no earlier edition has: the same at each run of the same import. */
export function newChapterIdOf(bookId: string, digest: string, no: number): string {
  return shortHash([bookId, digest, no]);
}

function normalise(name: string): string {
  return name
    .normalize("NFKC")
    .replace(/[\s《》]/gu, "")
    .toLowerCase();
}

/** Twelve characters of `[a-z0-9]`, 62 bits. */
function shortHash(parts: readonly (string | number)[]): string {
  const hash = BigInt(`0x${sha256(JSON.stringify(parts))}`);
  return (hash % 36n ** 12n).toString(36).padStart(12, "0");
}
