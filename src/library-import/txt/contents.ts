import type { Found } from "./candidates.ts";
import { contentsEntries, type Entry } from "./contentsEntries.ts";
import type { Key } from "./entryKeys.ts";
import { type TextLines, textBetween } from "./lines.ts";
import {
  bodyBegin,
  headOf,
  holdsTable,
  isCompactRun,
  isShown,
  lastLine,
  maxBetween,
  minShown,
  textAfter,
} from "./tableRuns.ts";

/** A table at the head of a file, in UTF-16 units, may have other titles than the body: the numbers suffice. */
const head = 5_000;
/** The share of the entries of a table that must be found again; of one that is only a list in form, nearly all. */
const mostly = { table: 0.6, list: 0.9 };

/** Where a table of contents stands, from its first line to its last. */
export type Contents = { readonly from: number; readonly to: number };

/**
 * Finds tables of contents, wherever they stand: headings with next to no text between them, most of which come again
 * elsewhere; or that stand below 目录, or have numbers of pages, or several to a line. The headings of a body without text
 * are no table, since they do not come again.
 */
export function findContents(lines: TextLines, found: readonly Found[]): readonly Contents[] {
  const { entries, keys } = contentsEntries(lines, found);
  const ahead = new Counted(keys);
  const behind = new Counted(keys);
  for (const entry of entries) ahead.add(entry);
  const tables: Contents[] = [];
  for (let first = 0; first < entries.length; ) {
    let end = first + 1;
    while (end < entries.length && textBetween(lines, entries[end - 1]!.line, entries[end]!.line) <= maxBetween)
      end += 1;
    const run = entries.slice(first, end);
    const body = bodyBegin(run);
    for (const entry of run.slice(0, body)) ahead.remove(entry);
    const table = tableOf(lines, run, ahead, behind);
    if (table) tables.push(table);
    for (const entry of run.slice(body)) ahead.remove(entry);
    for (const entry of run) if (!table || entry.line > table.to) behind.add(entry);
    first = end;
  }
  return tables;
}

/** Counts the entries of a part of the file by text, number or title. */
class Counted {
  readonly #times: Int32Array;
  constructor(keys: number) {
    this.#times = new Int32Array(keys);
  }
  add(entry: Entry): void {
    for (const key of entry.keys.all) this.#times[key]! += 1;
  }
  remove(entry: Entry): void {
    for (const key of entry.keys.all) this.#times[key]! -= 1;
  }
  has(key: Key | undefined): boolean {
    return key !== undefined && this.#times[key]! > 0;
  }
}

function tableOf(lines: TextLines, run: readonly Entry[], ahead: Counted, behind: Counted): Contents | undefined {
  const headLine = headOf(lines, run[0]!.line);
  const minEntries = headLine === undefined ? 3 : 1;
  const early = lines.before[run[0]!.line]! < head;
  const listed = run.slice(0, bodyBegin(run));
  const isCompact = isCompactRun(lines, listed);
  const comesAhead = ({ keys }: Entry) => ahead.has(keys.exact) || ahead.has(keys.titled);
  const comesBehind = ({ keys, bare }: Entry) => (!bare && behind.has(keys.exact)) || behind.has(keys.titled);
  const volumes = listed.filter(({ isVolume }) => isVolume).length;
  // A table of one volume may stand beneath the volume's own heading.
  const heads = headLine === undefined && volumes === 1 && listed[0]!.isVolume && !comesAhead(listed[0]!);
  // Numbers alone are counted in a body, too: three, two, one. Sections begin again in every chapter of a body.
  const mayRepeat = ({ bare, titled }: Entry) =>
    !bare || (isCompact && listed.length > minShown && (early || titled !== undefined));
  const again = (entry: Entry, compact: boolean) =>
    (mayRepeat(entry) && comesAhead(entry)) ||
    (early && mayRepeat(entry) && ahead.has(entry.keys.numbered)) ||
    (compact && comesBehind(entry));
  if (listed.length === run.length && listed.length > 1) {
    const last = listed.at(-1)!;
    const isLike = (mayRepeat(last) && comesAhead(last)) || unitOf(listed.at(-2)!) === unitOf(last);
    // Where the run ends in an entry that does not come again, this one begins the body.
    const isBody = !last.several && !(isLike && again(last, isCompact));
    if (isBody && (!isCompact || textAfter(lines, last) > maxBetween)) listed.pop();
  }
  if (listed.length < minEntries && !listed.some(holdsTable)) return undefined;
  const from = headLine ?? listed[heads ? 1 : 0]?.line ?? 0;
  const table = () => ({ from, to: lastLine(lines, listed, run[listed.length]) });
  if (isCompact && isShown(listed, headLine !== undefined)) return table();
  const repeated = listed.filter((entry) => again(entry, isCompact)).length;
  const isAllAgain = isCompact && early && listed.length > minShown && repeated >= mostly.list * listed.length;
  if (headLine === undefined && mayBeList(listed) && !isAllAgain) return undefined;
  return repeated < Math.max(headLine === undefined ? 2 : 1, mostly.table * listed.length) ? undefined : table();
}

/** Lists in the body have bare numbers too, and come again in every chapter, perhaps right below its heading and its volume's. */
function mayBeList(listed: readonly Entry[]): boolean {
  const firstBare = listed.findIndex(({ bare }) => bare);
  const named = listed.slice(0, Math.max(0, firstBare)).map(unitOf);
  const isBelow = listed.length >= named.length + 2 && new Set(named).size === named.length;
  return (named.length === 0 || isBelow) && listed.slice(named.length).every(({ bare }) => bare);
}

function unitOf({ numbered }: Entry): string | undefined {
  return numbered.at(-1);
}
