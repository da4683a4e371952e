import { basename } from "node:path";
import type { LostPart } from "../accountOfTexts.ts";
import { openBookFile, refuseLarger } from "../bookFile.ts";
import { maxBytes, maxChapters } from "../limits.ts";
import { type ParsedBook, UnusableBookFile } from "../parsedBook.ts";
import { catalogueLine } from "./catalogue.ts";
import { type CategoryMapping, defaultMappingFile, readMapping } from "./categories.ts";
import { parseLine } from "./json.ts";
import { readLines } from "./lines.ts";
import { namesInTwoPlaces } from "./places.ts";
import { isRecord } from "./record.ts";
import { bookOfChapters, type ChapterLine, chapterLine, isChapter, readInfo } from "./texts.ts";

export type JsonlOptions = {
  /** The name of the source (qidian); default: derived from the books' URLs. */
  readonly source?: string | undefined;
  /** The mapping of the source's categories; default: built in for known sources. */
  readonly mapping?: CategoryMapping | undefined;
  /** Called for each skipped line with the reason: not JSON, no title, a duplicate book. */
  readonly onSkip?: ((line: number, reason: string) => void) | undefined;
  /** Called with the number of bytes read. */
  readonly onRead?: ((bytes: number, total: number) => void) | undefined;
};

/** The maximum amount of text in memory for one book, in UTF-16 units. */
const maxBookLength = 64 * 1024 * 1024;

/**
 * The books of a JSON Lines file: in a catalogue one per line, without duplicates; otherwise consecutive lines are the chapters
 * of a book. Invalid lines, and books that are too long or in two places of the file, are skipped and reported. Throws UnusableBookFile if nothing is
 * usable.
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
    let isAmongChapters = false;
    let lost: LostPart[] = [];
    /** Only known of files of several books: it takes another reading. */
    let inTwoPlaces: ReadonlySet<string> | undefined;
    let beganAt = 0;
    let length = 0;
    let books = 0;
    let firstSkipped: string | undefined;
    const skip = (no: number, reason: string) => {
      firstSkipped ??= `line ${no} ${reason}`;
      options.onSkip?.(no, reason);
    };
    /** Skips a line that may be a chapter of the book so far. */
    const lose = (no: number, reason: string, length: number) => {
      skip(no, reason);
      if (chapters.length > 0) lost.push({ place: `line ${no} ${reason}`, length });
    };
    /** Yields the book of the chapters collected so far, and resets them. */
    const bookSoFar = function* () {
      const [first] = chapters;
      if (first !== undefined && inTwoPlaces?.has(first.book)) {
        skip(beganAt, `begins a part of 《${first.book}》, which is in two places of the file: it is left out`);
      } else if (chapters.length > 0 && length <= maxBookLength && chapters.length <= maxChapters) {
        books += 1;
        yield bookOfChapters(chapters, name, info, mapping, lost);
      }
      chapters = [];
      lost = [];
      length = 0;
    };
    for await (const line of readLines(file, (bytes) => options.onRead?.(bytes, size))) {
      const { no } = line;
      const record = "text" in line ? parseLine(line.text) : undefined;
      if ("reason" in line) lose(no, line.reason, line.length);
      else if (!isRecord(record)) lose(no, "is no JSON object", line.text.length);
      else if (isChapter(record, isAmongChapters)) {
        isAmongChapters = true;
        const read = chapterLine(record);
        if (read === undefined) {
          skip(no, "has neither title nor text");
          continue;
        }
        const chapter = { ...read, book: read.book || (chapters[0]?.book ?? "") };
        if (chapters[0] && chapters[0].book !== chapter.book) {
          inTwoPlaces ??= await namesInTwoPlaces(file);
          yield* bookSoFar();
        }
        if (chapters.length === 0) beganAt = no;
        const isTooLong = length > maxBookLength || chapters.length > maxChapters;
        if (!isTooLong) chapters.push(chapter);
        length += chapter.text?.length ?? 0;
        if (!isTooLong && (length > maxBookLength || chapters.length > maxChapters)) {
          skip(no, `makes the book 《${chapter.book}》 too long: it is left out`);
          // Its name is kept, to distinguish its remaining lines from those of the next book.
          chapters = [{ ...chapter, text: "" }];
          length = Number.POSITIVE_INFINITY;
        }
      } else {
        const entry = catalogueLine(record, options.source, mapping);
        const { name, id } = "book" in entry ? entry.source : { name: "", id: "" };
        const key = JSON.stringify([name, id]);
        if ("reason" in entry) skip(no, entry.reason);
        else if (ids.has(key)) skip(no, `${name} ${id} was there before`);
        else {
          ids.add(key);
          books += 1;
          yield entry.book;
        }
      }
    }
    yield* bookSoFar();
    if (books === 0) {
      const why = firstSkipped === undefined ? "" : `: ${firstSkipped}`;
      throw new UnusableBookFile(`has no line that is a book or a chapter${why}`);
    }
  } finally {
    await file.close();
  }
}
