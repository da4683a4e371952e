import { headingForms } from "../txt/forms/headingForms.ts";
import { isOther } from "../txt/units.ts";
import { plainHeading } from "./contents.ts";

/** A heading takes at most so many lines, and so many lines at the most stand above it. */
const reach = 4;
/** A line without mark-up is no heading if it is longer, in UTF-16 units. */
const longestPlain = 35;

/** A text as it is compared: letters and digits only, in the compatibility form of Unicode. */
export function alike(text: string): string {
  const plain = text.normalize("NFKC").toLowerCase();
  return plain.replace(/[^\p{L}\p{N}]/gu, "") || plain.replace(/\s/gu, "");
}

export type TextHeading = {
  /** The title of the entry, or, if it is longer, that of the text. */
  readonly title: string;
  /** The number of lines at the beginning of the text that are its heading. */
  readonly length: number;
};

type Lines = { readonly lines: readonly string[]; readonly isMarked: (index: number) => boolean };

/**
 * The heading at the beginning of a text whose entry is `title`: it may span several lines, stand there twice, or differ in
 * spacing, punctuation and numerals. The book's title and other lines of `running` may stand above it.
 */
export function textHeading(title: string, { lines, isMarked }: Lines, running: ReadonlySet<string>): TextHeading {
  const end = Math.min(reach, lines.length);
  for (let above = 0; above < end; above += 1) {
    const found = headingAt(title, {
      lines: lines.slice(above, above + reach),
      isMarked: (no) => isMarked(above + no),
    });
    if (found !== undefined) {
      let end = above + found.length;
      while (end < lines.length && alike(lines[end]!) === alike(found.title) && found.title !== "") end += 1;
      return { title: found.title, length: end };
    }
    if (!running.has(alike(lines[above]!))) break;
  }
  return { title, length: 0 };
}

function headingAt(title: string, { lines, isMarked }: Lines): TextHeading | undefined {
  const wanted = alike(title);
  if (wanted === "") return undefined;
  let seen = "";
  for (let index = 0; index < lines.length && seen.length < wanted.length; index += 1) {
    seen += alike(lines[index]!);
    if (seen === wanted) return { title, length: index + 1 };
  }
  const first = lines[0]!;
  if (!isMarked(0) && (first.length > longestPlain || /[。！？…”；，]$/u.test(first))) return undefined;
  return differing(title, first, isMarked(0));
}

/** A heading in other words than its entry: 第3章 旧信 for 第三章 旧信, the number alone, the title alone. */
function differing(title: string, line: string, isMarked: boolean): TextHeading | undefined {
  const entry = numberedForm(title);
  const own = numberedForm(line);
  if (entry !== undefined && own !== undefined && entry.number === own.number) {
    const isSame = own.rest === "" || alike(own.rest) === alike(entry.rest);
    if (isSame) return { title, length: 1 };
    const isNumberOnly = entry.rest === "" && entry.unit === own.unit && (isMarked || !own.loose);
    return isNumberOnly ? { title: plainHeading(line), length: 1 } : undefined;
  }
  const [wanted, seen] = [alike(title), alike(line)];
  const isTitle = entry !== undefined && alike(entry.rest) === seen && (isMarked || seen.length >= 2);
  const isEnd = seen.length >= 3 && wanted.endsWith(seen) && (isMarked || own !== undefined);
  const holds = isMarked && wanted.length >= 3 && seen.endsWith(wanted);
  return isTitle || isEnd || holds ? { title, length: 1 } : undefined;
}

/** Splits a title into its number and the words behind it. 第二只箱子 is a title. */
export function numberedForm(title: string) {
  return headingForms(title).find(({ unit }) => unit !== "named" && unit !== "名" && !isOther(unit));
}
