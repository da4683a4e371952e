import { isUtf8 } from "node:buffer";
import iconv from "iconv-lite";
import { maxLengths } from "../limits.ts";
import { isPlaceholder } from "../placeholders.ts";
import { plainLine } from "../plainText.ts";
import { authorOf, titleOf } from "../txt/fields.ts";
import { parseFileName } from "../txt/fileName.ts";

/** Title and authors as a part of an EPUB states them. */
export type Metadata = { readonly title: string | undefined; readonly authors: readonly string[] };
/** Title and author as the file states them, and as they are guessed from its name. */
export type Identity = Names & { readonly ifNew: Names };
type Names = { readonly title: string | undefined; readonly author: string | undefined };

/** ISBN, ASIN, UUID and other numbers of shops. */
const number = /^(?:\d{9,13}x?|B0[\dA-Z]{8}|(?:urn:uuid:)?[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{32})$/iu;
const byTool = /^(?:Microsoft (?:Office )?Word\s*-\s*)|(?<=\S)\.(?:txt|epub|docx?|mobi|azw3?|html?|wps)$/giu;
/** A title that names its author in words: 书 作者：某, 书 by 某. */
const naming = /作\s*者\s*[：:]|\sby\s/iu;

const role = /\s*[（(【[]?(?:著|撰|编著|译著|著者|作者)[）)】\]]?$/u;
const otherRole = /(?:译|譯|编|編|校|注|绘|繪|插图|整理|翻译|编辑)[）)】\]]?$/u;

/**
 * Title and author of an EPUB: what its package states, else its NCX; the name of its file is a guess. Placeholders, numbers of shops,
 * the names of tools, and an author or words on the edition in a title are left out.
 */
export function identityOf(book: Metadata, ncx: Metadata, fileName: string): Identity {
  const named = parseFileName(fileName);
  const authors = authorsOf(book.authors);
  const known = authors.length > 0 ? authors : authorsOf(ncx.authors);
  const { title, author } = titled(book.title, known) ??
    titled(ncx.title, known) ?? { title: undefined, author: undefined };
  // Another book's name tells nothing of this one's author.
  const isSame = title === undefined || title.includes(named.title) || named.title.includes(title);
  return {
    title,
    author: plainLine(known.join("、"), maxLengths.author) || author || undefined,
    ifNew: { title: named.title, author: isSame ? named.author : undefined },
  };
}

function authorsOf(written: readonly string[]): readonly string[] {
  const parts = written.flatMap((one) => {
    const line = plainLine(decodedName(one), 4 * maxLengths.author).replace(/^作\s*者\s*[：:]\s*/u, "");
    const some = line.split(/[；;，,、/]/u).map((part) => part.trim());
    const isOther = some.some((part) => otherRole.test(part));
    return isOther && some.length > 1 ? some.filter((part) => !otherRole.test(part)) : [line];
  });
  const names = parts.map((part) => authorOf(part.replace(role, "")) ?? "");
  return [...new Set(names.filter((name) => name !== "" && !isPlaceholder(name)))];
}

function titled(
  written: string | undefined,
  authors: readonly string[],
): { title: string; author?: string | undefined } | undefined {
  const line = plainLine(decodedName(written ?? ""), maxLengths.title)
    .replace(byTool, "")
    .trim();
  if (line === "" || isPlaceholder(line) || number.test(line)) return undefined;
  for (const author of authors) {
    const title = withoutAuthor(line, author);
    if (title !== undefined) return { title: titleOf(title) };
  }
  if (/^《[^《》]+》/u.test(line) || naming.test(line) || authors.length === 0) {
    const { title, author, evidence } = parseFileName(line);
    if (evidence === "named" && (author !== undefined || line.startsWith("《"))) return { title, author };
  }
  return { title: titleOf(line) };
}

/** The title without the name of a known author before or behind it. */
function withoutAuthor(title: string, author: string): string | undefined {
  const name = author.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&");
  const behind = new RegExp(
    `^(.+?)\\s*(?:[-_—–/·|]+\\s*|[（(【[]|作者[：:]?|\\sby\\s)\\s*${name}(?:\\s*[著撰])?[）)】\\]]?$`,
    "iu",
  );
  const before = new RegExp(
    `^[【[（(]?${name}[】\\]）)]?(?:作品)?\\s*[：:·_—–-]+\\s*(.+)$|^[【[（(]${name}[】\\]）)]\\s*(.+)$`,
    "iu",
  );
  const found = behind.exec(title) ?? before.exec(title);
  const rest = (found?.[1] ?? found?.[2] ?? "").trim();
  return rest === "" ? undefined : rest.replace(/^《([^《》]+)》$/u, "$1");
}

/** A name whose bytes were read in another encoding than theirs: µÆÏÂÂ¼ is 灯下录. */
function decodedName(written: string): string {
  const name = written.trim();
  if (!/^[\0-\xff]+$/u.test(name) || (name.match(/[\x80-\xff]/gu)?.length ?? 0) < 0.5 * name.length) return written;
  const bytes = Buffer.from(name, "latin1");
  const read = isUtf8(bytes) ? bytes.toString("utf8") : iconv.decode(bytes, "gb18030");
  const others = read.replace(/[\p{Script=Han}\s\w，。：、（）《》【】]/gu, "");
  return others === "" && /\p{Script=Han}/u.test(read) ? read : written;
}
