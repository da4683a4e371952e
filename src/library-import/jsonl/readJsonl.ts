import { basename } from "node:path";
import { openBookFile, refuseLarger } from "../bookFile.ts";
import { maxBytes, maxChapters } from "../limits.ts";
import { type ParsedBook, UnusableBookFile } from "../parsedBook.ts";
import { catalogueLine } from "./catalogue.ts";
import { type CategoryMapping, defaultMappingFile, readMapping } from "./categories.ts";
import { parseJson } from "./json.ts";
import { readLines } from "./lines.ts";
import { isRecord, type JsonRecord } from "./record.ts";
import { bookOfChapters, type ChapterLine, chapterLine, isChapter, readInfo } from "./texts.ts";

export type JsonlOptions = {
  /** The name of the source (qidian); by default what the addresses of the books tell. */
  readonly source?: string | undefined;
  /** Where the source's categories go; by default those of the sources that we know. */
  readonly mapping?: CategoryMapping | undefined;
  /** Told of each line that is left out, and why: no JSON, no title, a book that was there before. */
  readonly onSkip?: ((line: number, reason: string) => void) | undefined;
  /** Told how much is read, in bytes. */
  readonly onRead?: ((bytes: number, total: number) => void) | undefined;
};

/** The most texts that are held in memory for one book, in UTF-16 units. */
const maxBookLength = 64 * 1024 * 1024;

/**
 * The books of a JSON Lines file: one a line in a catalogue, where a book that comes again is left out; or several lines with
 * the chapters of one book after another. Bad lines are left out and told. Throws UnusableBookFile if nothing can be used.
 */
export async function* readJsonl(path: string, options: JsonlOptions): AsyncGenerator<ParsedBook, void, undefined> {
  const { file, size } = await openBookFile(path);
  try {
    refuseLarger(size, maxBytes.jsonl);
    const mapping = options.mapping ?? (await readMapping(defaultMappingFile));
    const info = await readInfo(path);
    const name = basename(path).replace(/\.jsonl?$/u, "");
    const ids = new Set<string>();
    let chapters: ChapterLine[] = [];
    let length = 0;
    let books = 0;
    for await (const { no, record } of records(
      readLines(file, (bytes) => options.onRead?.(bytes, size)),
      options,
    )) {
      if (isChapter(record)) {
        const chapter = chapterLine(record);
        if (chapter === undefined) options.onSkip?.(no, "has neither title nor text");
        else {
          if (chapters[0] && chapters[0].book !== chapter.book) {
            books += 1;
            yield bookOfChapters(chapters, name, info, mapping);
            chapters = [];
            length = 0;
          }
          chapters.push(chapter);
          length += chapter.text.length;
          if (length > maxBookLength || chapters.length > maxChapters)
            throw new UnusableBookFile(`line ${no}: the book is too long`);
        }
        continue;
      }
      const line = catalogueLine(record, options.source, mapping);
      if ("reason" in line) options.onSkip?.(no, line.reason);
      else {
        const { name, id } = line.book.source!;
        const key = JSON.stringify([name, id]);
        if (ids.has(key)) options.onSkip?.(no, `${name} ${id} was there before`);
        else {
          ids.add(key);
          books += 1;
          yield line.book;
        }
      }
    }
    if (chapters.length > 0) {
      books += 1;
      yield bookOfChapters(chapters, name, info, mapping);
    }
    if (books === 0) throw new UnusableBookFile("has no line that is a book or a chapter");
  } finally {
    await file.close();
  }
}

async function* records(
  lines: AsyncIterable<{ readonly no: number; readonly text: string }>,
  { onSkip }: JsonlOptions,
): AsyncGenerator<{ readonly no: number; readonly record: JsonRecord }> {
  for await (const { no, text } of lines) {
    const value = parsed(text);
    if (isRecord(value)) yield { no, record: value };
    else onSkip?.(no, "is no JSON object");
  }
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
