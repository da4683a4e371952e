import { eachTrimmedLine } from "./trimmedLines.ts";

/** A parser's report: how much text it read, how much the book retains, and warnings. */
export type Account = {
  /** UTF-16 units of the file's text, without mark-up, headings, tables of contents and advertisements. */
  readonly read: number;
  /** UTF-16 units of it that are in the book. */
  readonly kept: number;
  /** The rule by which chapters were recognised, as text. */
  readonly rule: string;
  readonly warnings: readonly string[];
};

/** Below `warned` there is a warning; below `refused` an import is refused unless forced. */
export const keptShares = { warned: 0.98, refused: 0.9 } as const;

/** The share of a file's text that is in its book, at most 1. */
export function keptShare({ read, kept }: Pick<Account, "read" | "kept">): number {
  return read === 0 ? 1 : Math.min(1, kept / read);
}

/** An account, with a warning if too much text is missing. `places` are the first few places of missing text. */
export function accountOf(
  counted: Pick<Account, "read" | "kept" | "rule">,
  warnings: readonly string[],
  places: readonly string[],
): Account {
  const share = keptShare(counted);
  if (share >= keptShares.warned) return { ...counted, warnings };
  const where = places.length === 0 ? "" : `: ${listed(places, { max: 5 })}`;
  const missing = `only ${(100 * share).toFixed(1)} % of the text is in the book${where}`;
  return { ...counted, warnings: [missing, ...warnings] };
}

/** The first of these for a message, and … if there are more. */
export function listed(all: readonly (number | string)[], { max = 3, separator = "; " } = {}): string {
  return `${all.slice(0, max).join(separator)}${all.length > max ? `${separator}…` : ""}`;
}

/** The amount of text in UTF-16 units: lines without surrounding white space, and without rows of symbols (=====). */
export function textLength(text: string): number {
  let count = 0;
  eachTrimmedLine(text, isWhite, (start, end) => {
    const isRow = end - start <= longestRow && isSign(text.charCodeAt(start)) && isRowOfSigns(text.slice(start, end));
    if (!isRow) count += end - start;
  });
  return count;
}

/** A longer line is not a row of symbols. */
const longestRow = 200;

function isWhite(code: number): boolean {
  return code <= 0x20 || code === 0xa0 || code === 0x3000 || code === 0xfeff;
}

/** Returns whether a row of symbols may begin with this character: a quick test for most lines. */
function isSign(code: number): boolean {
  return (
    code < 0x30 ||
    (code >= 0x2010 && code < 0x2f00) ||
    (code >= 0xff00 && code < 0xff10) ||
    (code > 0x39 && code < 0x80)
  );
}

function isRowOfSigns(line: string): boolean {
  return !/[\p{L}\p{N}]/u.test(line);
}
