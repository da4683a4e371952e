import { basename, extname } from "node:path";
import { namingFile, refuseLarger, withBookFile } from "../bookFile.ts";
import { maxBytes, maxChapters, maxLengths } from "../limits.ts";
import { type ParsedBook, type ParsedChapter, UnusableBookFile } from "../parsedBook.ts";
import { plainLine, plainParagraphs } from "../plainText.ts";
import { parseTxt } from "../txt/parseTxt.ts";
import { cutByContents, type SpineText } from "./chapters.ts";
import { readContents } from "./contents.ts";
import { readCover } from "./cover.ts";
import { documentText } from "./documentText.ts";
import { type Package, readPackage, readText } from "./package.ts";
import { refuseEntities } from "./xml.ts";
import { withZip, type Zip } from "./zip.ts";

/** A table of contents with so few chapters in a text so long (UTF-16 units) is none: the headings in the text are used. */
const poorContents = { chapters: 2, length: 60_000 };

/** Reads an EPUB 2 or 3. Rejects with UnusableBookFile, its message beginning with the file's path. */
export function readEpub(path: string): Promise<ParsedBook> {
  return namingFile(path, () =>
    withBookFile(path, (file, size) => {
      refuseLarger(size, maxBytes.epub);
      return withZip(file, (zip) => parseEpub(zip, basename(path, extname(path))));
    }),
  );
}

async function parseEpub(zip: Zip, fileName: string): Promise<ParsedBook> {
  const book = await readPackage(zip);
  const spine = await readSpine(zip, book);
  const parts = cutByContents(spine, await readContents(zip, book));
  const title = plainLine(book.title ?? "", maxLengths.title) || plainLine(fileName, maxLengths.title);
  const chapters = parts.map((part, index): ParsedChapter => ({ no: index + 1, ...part }));
  const author = plainLine(book.author ?? "", maxLengths.author);
  const intro = plainParagraphs(book.description ?? "", maxLengths.intro);
  if (chapters.length > maxChapters) throw new UnusableBookFile(`it has more than ${maxChapters} chapters`);
  return {
    title,
    author: author === "" ? undefined : author,
    intro: intro === "" ? undefined : intro,
    channel: undefined,
    category: plainLine(book.subject ?? "", maxLengths.category) || undefined,
    status: undefined,
    language: book.language,
    cover: await readCover(zip, book),
    encoding: "utf-8",
    chapters: betterChapters(chapters, spine, fileName),
  };
}

async function readSpine(zip: Zip, book: Package): Promise<readonly SpineText[]> {
  const texts: SpineText[] = [];
  for (const { path, properties } of book.spine) {
    const source = properties.includes("nav") ? undefined : await readText(zip, path);
    if (source === undefined) continue;
    refuseEntities(source, path);
    texts.push({ path, ...documentText(source) });
  }
  return texts;
}

/** A novel that was put into one document has its headings in the text only. */
function betterChapters(
  chapters: readonly ParsedChapter[],
  spine: readonly SpineText[],
  fileName: string,
): readonly ParsedChapter[] {
  const length = chapters.reduce((sum, { text }) => sum + text.length, 0);
  if (length === 0) throw new UnusableBookFile("has no text");
  if (chapters.length > poorContents.chapters || length < poorContents.length) return chapters;
  const byHeadings = parseTxt(spine.flatMap(({ lines }) => lines).join("\n"), fileName).chapters;
  return byHeadings.length > chapters.length ? byHeadings : chapters;
}
