import { readFile, stat } from "node:fs/promises";
import { accountOfTexts, type LostPart } from "../accountOfTexts.ts";
import { kindOf, numberedTitle } from "../headingNames.ts";
import { maxBytes, maxChapters, maxLengths } from "../limits.ts";
import { type ParsedBook, type ParsedChapter, UnusableBookFile } from "../parsedBook.ts";
import { countedPlainText, plainLine, plainText } from "../plainText.ts";
import { wordsOf } from "../statusWords.ts";
import { withoutBlankEnds } from "../textEnds.ts";
import { type CategoryMapping, placementOf } from "./categories.ts";
import { parseJson } from "./json.ts";
import { inOrder } from "./order.ts";
import { authorOf, fieldOf, introOf, isRecord, type JsonRecord } from "./record.ts";

/**
 * A line of a file of texts: one chapter, with the name of its book; without a text if the line has none. `hidden`: letters left out with
 * elements (`withoutTags`).
 */
export type ChapterLine = {
  readonly book: string;
  readonly index: number | undefined;
  readonly title: string;
  readonly text: string | undefined;
  readonly hidden: number;
};

/** Properties that lines of catalogues have, and those of chapters do not. */
const ofCatalogues =
  "author authorName author_name intro category categoryName bookType cover coverUrl status bid key".split(" ");

/**
 * Returns whether the object is a chapter rather than a book of a catalogue, whatever its text is. `isAmongChapters`: lines
 * before it were chapters.
 */
export function isChapter(record: JsonRecord, isAmongChapters: boolean): boolean {
  const has = (name: string) => Object.hasOwn(record, name);
  if (!has("book") && !has("index")) return false;
  if (has("content") || (isAmongChapters && has("index"))) return true;
  return fieldOf(record, "title", "chapter") !== "" && (isAmongChapters || !ofCatalogues.some(has));
}

/** The name of the book of a chapter; "" if the line has none. */
export function bookNameOf(record: JsonRecord): string {
  return plainLine(fieldOf(record, "book", "bookName"), maxLengths.title);
}

/** Parses a chapter; undefined if it has no title and an empty text. The heading is removed from the beginning of its text. */
export function chapterLine(record: JsonRecord): ChapterLine | undefined {
  const book = bookNameOf(record);
  const written = fieldOf(record, "index");
  const index = /^-?\d{1,15}$/.test(written) ? Number(written) : undefined;
  const heading = fieldOf(record, "title", "chapter").trim();
  const title = heading.length <= maxLengths.heading ? plainText(heading) : plainLine(heading, maxLengths.heading);
  // No text is not an empty text.
  if (typeof record.content !== "string") return { book, index, title, text: undefined, hidden: 0 };
  const content = countedPlainText(record.content);
  const text = withoutHeading(content.text, title);
  return title === "" && text === "" ? undefined : { book, index, title, text, hidden: content.hidden };
}

function withoutHeading(text: string, title: string): string {
  const lines = withoutBlankEnds(text.split("\n"));
  const squeezed = (line: string) => line.replace(/\s/gu, "");
  const isTitled =
    title !== "" &&
    lines[0] !== undefined &&
    lines[0].length <= 2 * maxLengths.heading &&
    squeezed(lines[0]) === squeezed(title);
  return (isTitled ? withoutBlankEnds(lines.slice(1)) : lines).join("\n").trimEnd();
}

/** The description of the book in X.info.json beside X.jsonl; an empty object if there is no such file. */
export async function readInfo(path: string): Promise<JsonRecord> {
  const beside = `${path.replace(/\.jsonl?$/u, "")}.info.json`;
  const size = await stat(beside).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  );
  if (size === 0 || size > maxBytes.jsonlLine) return {};
  try {
    const info = parseJson(await readFile(beside, "utf8"));
    return isRecord(info) ? info : {};
  } catch {
    return {};
  }
}

/** A book from its chapters, and the lines between them that could not be used. `beside` describes it. Throws UnusableBookFile if it has too many chapters. */
export function bookOfChapters(
  written: readonly ChapterLine[],
  fileName: string,
  beside: JsonRecord,
  mapping: CategoryMapping,
  lost: readonly LostPart[],
): ParsedBook {
  const { lines, warnings } = inOrder(written);
  if (lines.length > maxChapters) throw new UnusableBookFile(`has more than ${maxChapters} chapters`);
  // In a file of several books the description can only be that of one.
  const info = [lines[0]?.book, ""].includes(fieldOf(beside, "name", "title")) || lines[0]?.book === "" ? beside : {};
  const title = lines[0]?.book || plainLine(fieldOf(info, "name", "title"), maxLengths.title) || undefined;
  const category = plainLine(fieldOf(info, "bookType", "category"), maxLengths.category);
  const described = category !== "";
  // The same id as in the catalogue of the classics, where the key is folder and title.
  const source = described ? { name: "classics", id: `${category}/${title ?? fileName}` } : undefined;
  const placement = described ? placementOf(mapping, "classics", category, "") : undefined;
  return {
    title,
    author: authorOf(info),
    intro: introOf(info),
    channel: placement?.channel,
    category: placement?.category,
    subCategory: placement?.subCategory,
    status: undefined,
    words: wordsOf(fieldOf(info, "words")),
    ifNew: { ...placement?.ifNew, source, title: fileName },
    encoding: "utf-8",
    account: accountOfTexts(lines, "one a line", { lost, warnings }),
    chapters: lines.map(
      ({ title, text }, index): ParsedChapter => ({
        no: index + 1,
        title: title || numberedTitle(index + 1),
        volume: null,
        kind: kindOf(title),
        text: text ?? "",
        unstated: [
          ...(title === "" ? (["title"] as const) : []),
          "volume",
          ...(text === undefined ? (["text"] as const) : []),
        ],
      }),
    ),
  };
}
