import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { ParsedBook } from "../../src/library-import/parsedBook.ts";
import { type ReadOptions, readBooks } from "../../src/library-import/readBooks.ts";
import { type ZipEntry, zipFile } from "./zipFile.ts";

/** A folder for the files of one test file, removed at its end. */
export function bookFolder() {
  const dir = mkdtempSync(join(tmpdir(), "heima-books-"));
  afterAll(() => rmSync(dir, { recursive: true }));
  return {
    dir,
    async write(name: string, content: string | Uint8Array): Promise<string> {
      await writeFile(join(dir, name), content);
      return join(dir, name);
    },
  };
}

/** All books of a file. */
export async function booksOf(path: string, options?: ReadOptions): Promise<readonly ParsedBook[]> {
  const books: ParsedBook[] = [];
  for await (const book of readBooks(path, options)) books.push(book);
  return books;
}

const container =
  '<?xml version="1.0"?><container><rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>';

/** The bytes of an EPUB: `opf` between the tags of its package document, and its other files below OEBPS/. */
export function epubFile(
  opf: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  extra: readonly ZipEntry[] = [],
) {
  return zipFile([
    { name: "mimetype", content: "application/epub+zip" },
    { name: "META-INF/container.xml", content: container },
    { name: "OEBPS/content.opf", content: `<?xml version="1.0" encoding="utf-8"?><package>${opf}</package>` },
    ...Object.entries(files).map(([name, content]) => ({ name: `OEBPS/${name}`, content })),
    ...extra,
  ]);
}

/** An XHTML document with this body. */
export function xhtml(body: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title>无</title><style>p {}</style></head><body>${body}</body></html>`;
}
