import { basename, extname } from "node:path";
import { type Account, accountOf, textLength } from "../account.ts";
import { namingFile, refuseLarger, withBookFile } from "../bookFile.ts";
import { maxBytes, maxChapters, maxLengths } from "../limits.ts";
import { namesOf, type ParsedBook, type ParsedChapter, UnusableBookFile } from "../parsedBook.ts";
import { plainLine, plainParagraphs } from "../plainText.ts";
import { parseTxt } from "../txt/parseTxt.ts";
import { cutByContents } from "./chapters.ts";
import type { Cut } from "./collector.ts";
import { readContents, readNcxHead } from "./contents.ts";
import { readCover } from "./cover.ts";
import { lengthOf, type SpineText } from "./documentText.ts";
import { identityOf } from "./identity.ts";
import { readPackage, type Warn } from "./package.ts";
import { readSpine } from "./readSpine.ts";
import { numberedForm } from "./textHeading.ts";
import { withZip, type Zip } from "./zip.ts";

/**
 * A table of contents with at most this many chapters in a text of at least this length (UTF-16 units) is ignored in favour of
 * headings in the text.
 */
const poorContents = { chapters: 2, length: 60_000 };
/** This many numbered headings in the text of documents without headings are chapters. */
const leastInText = 3;
/** The maximum number of reported warnings. */
const maxWarnings = 20;

/** Reads an EPUB 2 or 3. Rejects with UnusableBookFile, with the file's path in its message. */
export function readEpub(path: string): Promise<ParsedBook> {
  return namingFile(path, () =>
    withBookFile(path, (file, size) => {
      refuseLarger(size, maxBytes.epub);
      return withZip(file, (zip) => parseEpub(zip, basename(path, extname(path))));
    }),
  );
}

async function parseEpub(zip: Zip, fileName: string): Promise<ParsedBook> {
  const warnings: string[] = [];
  const warn: Warn = (message) => {
    if (warnings.length < maxWarnings) warnings.push(message);
  };
  const book = await readPackage(zip, warn);
  const contents = await readContents(zip, book, warn);
  const { texts, lost } = await readSpine(zip, book, contents, warn);
  const names = identityOf(book, await readNcxHead(zip, book), fileName);
  const cut = cutByContents(texts, contents, namesOf(names).title);
  const chapters = cut.parts.map((part, index): ParsedChapter => ({ no: index + 1, ...part }));
  if (chapters.length > maxChapters) throw new UnusableBookFile(`it has more than ${maxChapters} chapters`);
  const better = chaptersInText(chapters, texts, cut, fileName);
  const cover = await readCover(zip, book, warn);
  const faults = [...zip.warnings.slice(0, maxWarnings), ...warnings];
  return {
    ...names,
    intro: plainParagraphs(book.description ?? "", maxLengths.intro) || undefined,
    channel: undefined,
    category: plainLine(book.subject ?? "", maxLengths.category) || undefined,
    status: undefined,
    language: book.language,
    cover,
    encoding: "utf-8",
    account: better?.account
      ? { ...better.account, warnings: [...faults, ...better.account.warnings] }
      : accountOfEpub(texts, cut, { lost, warnings: faults, hasContents: contents.length > 0 }),
    chapters: better?.chapters ?? chapters,
  };
}

/** A novel in a single document has its headings only in the text; one that was cut anywhere, in the midst of documents. */
function chaptersInText(
  chapters: readonly ParsedChapter[],
  texts: readonly SpineText[],
  { byHeadings }: Cut,
  fileName: string,
): ParsedBook | undefined {
  const length = chapters.reduce((sum, { text }) => sum + text.length, 0);
  if (length === 0) throw new UnusableBookFile("has no text");
  if (byHeadings && (chapters.length > poorContents.chapters || length < poorContents.length)) return undefined;
  try {
    const book = parseTxt(texts.map(({ lines }) => lines.join("\n")).join("\n"), fileName);
    const isBetter = byHeadings
      ? book.chapters.length > chapters.length
      : book.chapters.filter(({ title }) => numberedForm(title) !== undefined).length >= leastInText;
    return isBetter ? book : undefined;
  } catch (error) {
    // If it cannot be parsed as a TXT, its documents become chapters.
    if (error instanceof UnusableBookFile) return undefined;
    throw error;
  }
}

function accountOfEpub(
  texts: readonly SpineText[],
  { parts, aside, empty }: Cut,
  said: { readonly lost: number; readonly warnings: readonly string[]; readonly hasContents: boolean },
): Account {
  const read = texts.reduce((sum, text) => sum + lengthOf(text), 0) - aside;
  const kept = parts.reduce((sum, { text }) => sum + textLength(text), 0);
  const rule = said.hasContents ? "its table of contents" : "its documents, which no contents name";
  const some = empty.slice(0, 3).join("; ");
  const withoutText = empty.length === 0 ? [] : [`${empty.length} entries of the contents have no text: ${some}`];
  return accountOf({ read, kept, rule }, [...said.warnings, ...withoutText], said.lost > 0 ? said.warnings : []);
}
