import { isJsonLines } from "./jsonLines.ts";
import { UnusableBookFile } from "./parsedBook.ts";

/** The format of a file, by its first bytes. */
export type BookFileKind = "epub" | "jsonl" | "txt";

/** A ZIP with files, an empty one, one that spans disks. */
const zips = ["PK\x03\x04", "PK\x05\x06", "PK\x07\x08"];

/** First bytes of other formats that often have a wrong file name. */
const others: readonly { readonly magic: string; readonly name: string }[] = [
  { magic: "\x89PNG", name: "a PNG picture" },
  { magic: "\xff\xd8\xff", name: "a JPEG picture" },
  { magic: "GIF8", name: "a GIF picture" },
  { magic: "%PDF-", name: "a PDF" },
  { magic: "Rar!\x1a", name: "a RAR archive" },
  { magic: "7z\xbc\xaf\x27\x1c", name: "a 7z archive" },
  { magic: "\x1f\x8b", name: "a gzip archive" },
  { magic: "\xd0\xcf\x11\xe0", name: "an old Office document" },
  { magic: "{\\rtf", name: "an RTF document" },
  { magic: "SQLite format 3\0", name: "a database" },
];

/**
 * Detects the format by the first bytes, ignoring the name. JSON Lines begin with an object, or most lines of these bytes are objects.
 * Throws UnusableBookFile.
 */
export function fileKind(start: Buffer): BookFileKind {
  const latin = start.toString("latin1");
  if (zips.some((magic) => latin.startsWith(magic))) return "epub";
  const other = others.find(({ magic }) => latin.startsWith(magic));
  if (other) throw new UnusableBookFile(`is ${other.name}; books are TXT, EPUB or JSONL`);
  if (start.subarray(60, 68).toString("latin1") === "BOOKMOBI") {
    throw new UnusableBookFile("is a MOBI; convert it to EPUB and import it again");
  }
  const text = start.toString("utf8").replace(/^\uFEFF?\s*/, "");
  if (/^\[\s*\{\s*"/.test(text)) throw new UnusableBookFile("is one JSON array; write one JSON object a line (JSONL)");
  // The last line may be cut off.
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return /^\{\s*"/.test(text) || isJsonLines(whole) ? "jsonl" : "txt";
}
