import type { Found } from "./candidates.ts";
import { type EntryKeys, type EntryTexts, Keys } from "./entryKeys.ts";
import { numeral } from "./forms/form.ts";
import { longestHeading } from "./forms/headingForms.ts";
import type { TextLines } from "./lines.ts";
import { isBareNumber, rankOf, unitCharacters, unitOf, volumeCharacters } from "./units.ts";

/** A line that may be one of a table of contents. Texts are compared without the spaces and numbers of pages in them. */
export type Entry = EntryTexts & {
  readonly line: number;
  readonly bare: boolean;
  /** A volume, which holds those that follow. */
  readonly isVolume: boolean;
  /** The number of a page that stands at its end or behind its number. */
  readonly page: number | undefined;
  /** Several headings stand on the line. */
  readonly several: boolean;
  readonly keys: EntryKeys;
};

/** Entries in order; their keys are below `keys`. */
export type Entries = { readonly entries: readonly Entry[]; readonly keys: number };

/** The longest line that holds several headings, in UTF-16 units. */
const longestSeveral = 300;
/** A longer line may hold a whole table, of titles no longer than so many UTF-16 units (mean). */
const longestWide = 20_000;
const longestListed = 45;
const listTitle = /^[【〖[]?(?:目\s*[录錄次]|章节目录)[】〗\]]?[\s：:]*/u;
const pageAtEnd = /(?:[\s.…·—-]|\.{2})(?<page>\d{1,4})$|[（(](?<inBrackets>\d{1,4})[）)]$/u;
const withoutPage = /(?:[\s.…·—-]{1,80}\d{0,4}|[（(]\d{1,4}[）)])$/u;
const mayEndInPage = /[\s.…·—\d）)-]$/u;
const pageBehindNumber = new RegExp(`^第\\s*${numeral}\\s*[${unitCharacters}]\\s+(?<page>\\d{1,4})\\s+\\S`, "u");
const boundary = new RegExp(`[\\s│|/／]+(?=[^\\s第]{0,12}第\\s*${numeral}\\s*[${unitCharacters}])`, "u");
const heading = new RegExp(
  `(?:^|[\\s│|/／])[^\\s第]{0,12}第\\s*(?<number>${numeral})\\s*(?<unit>[${unitCharacters}])`,
  "gu",
);

/** The lines of a file that may stand in tables of contents, in order. */
export function contentsEntries(lines: TextLines, found: readonly Found[]): Entries {
  const entries: Entry[] = [];
  const keys = new Keys();
  const units = volumeUnits(found);
  let volume = "";
  for (let at = 0; at < found.length; at += 1) {
    const { line } = found[at]!;
    // Of several forms of a line the last is the most specific: 第一卷 第一章.
    while (found[at + 1]?.line === line) at += 1;
    const form = found[at]!;
    if ((form.loose && /[。，；]/u.test(form.rest)) || /[。；]$/u.test(form.rest)) continue;
    const isVolume = units.has(form.unit);
    if (isVolume && form.before === undefined) volume = `${form.number}${form.unit}`;
    entries.push(entryOf(lines, form, { isVolume, volume: isVolume ? "" : volume }, keys));
  }
  const wide = wideLines(lines, keys);
  const all = wide.length === 0 ? entries : [...entries, ...wide].sort((a, b) => a.line - b.line);
  return { entries: all, keys: keys.size };
}

/** The units that hold others: a line of theirs is followed by one of another unit, mostly, and continues no other's numbers. */
function volumeUnits(found: readonly Found[]): ReadonlySet<string> {
  const lines = new Map<string, { all: number; amongOthers: number; readonly goesOn: boolean }>();
  let before: Found | undefined;
  found.forEach((form, index) => {
    const { unit, line, number } = form;
    if (volumeCharacters.includes(unit)) {
      const goesOn = number > 2 && before?.number === number - 1;
      const counted = lines.get(unit) ?? { all: 0, amongOthers: 0, goesOn };
      counted.all += 1;
      const next = found[index + 1];
      if (next !== undefined && (next.unit !== unit || next.line === line)) counted.amongOthers += 1;
      lines.set(unit, counted);
    }
    if (unit !== "named" && !isBareNumber(unit)) before = form;
  });
  const held = [...lines].filter(([, { all, amongOthers, goesOn }]) => !goesOn && amongOthers >= 0.5 * all);
  return new Set(held.map(([unit]) => unit));
}

/** Lines too long for one heading that hold several; 目录 may stand before them. */
function wideLines(lines: TextLines, keys: Keys): readonly Entry[] {
  return lines.trimmed.flatMap((whole, line): Entry[] => {
    if (whole.length <= longestHeading || whole.length > longestWide || !"第【〖[目".includes(whole[0]!)) return [];
    const text = whole.replace(listTitle, "");
    if (text[0] !== "第" || !holdsSeveral(text)) return [];
    const exact = `|${text}`;
    const texts = { exact, items: itemsOf(text, ""), numbered: exact, titled: undefined };
    return [
      { line, ...texts, bare: false, isVolume: false, page: undefined, several: true, keys: keys.ofEntry(texts) },
    ];
  });
}

function entryOf(
  lines: TextLines,
  { line, unit, number, rest, title: own }: Found,
  { isVolume, volume }: { readonly isVolume: boolean; readonly volume: string },
  keys: Keys,
): Entry {
  // The number of a page stands behind a title, never alone behind the heading's own number.
  const unpaged = rest === "" || !mayEndInPage.test(own) ? own : own.replace(withoutPage, "");
  const text = unpaged.replace(/[\s【】〖〗[\]]/gu, "");
  const exact = `${volume}|${text}`;
  const numbered = unit === "named" ? text : `${volume}/${number}${unit}`;
  const titled = rest !== "" || unit === "named" ? `|${text}` : undefined;
  const whole = lines.trimmed[line]!;
  const several = holdsSeveral(whole);
  const items = several ? itemsOf(whole, volume) : [exact];
  return {
    line,
    exact,
    items,
    numbered,
    titled,
    several,
    isVolume,
    bare: isBareNumber(unit),
    page: pageOf(own, whole, rest),
    keys: keys.ofEntry({ exact, items, numbered, titled }),
  };
}

/** The number of a page: behind the heading's own, or at the end behind dots or a title. */
function pageOf(own: string, line: string, rest: string): number | undefined {
  if (!/\d/u.test(line)) return undefined;
  const atEnd = rest !== "" || /[….·—-]\s*\d{1,4}$/u.test(line);
  const groups = (pageBehindNumber.exec(own) ?? (atEnd ? pageAtEnd.exec(line) : null))?.groups;
  const page = groups?.page ?? groups?.inBrackets;
  return page === undefined ? undefined : Number(page);
}

/** 第一卷　夜行　第二卷　归人: headings of one unit. 第一卷 夜行 第一章 are a volume and its chapter. */
function holdsSeveral(line: string): boolean {
  if (line.indexOf("第", 1) < 0) return false;
  const ranks = [...line.matchAll(heading)].map(({ groups }) => rankOf(unitOf(groups!.unit!)));
  if (line.length > longestSeveral && line.length > longestListed * ranks.length) return false;
  return ranks.some((rank, index) => index > 0 && rank <= ranks[index - 1]!);
}

function itemsOf(line: string, volume: string): readonly string[] {
  return line.split(boundary).map((item) => `${volume}|${item.replace(/[\s【】〖〗[\]]/gu, "")}`);
}
