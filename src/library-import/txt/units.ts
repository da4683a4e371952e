/**
 * Properties of a unit that chapters or volumes are counted in. `rank` orders the units (the lower stands above the higher),
 * `worth` is its weight beside others. A strict form is read only in order: lists in a body have it too.
 */
export type UnitFacts = { readonly rank: number; readonly worth: number; readonly strict?: true };

/** `第` is a number without a unit, `#`, `一`, `I` and `()` bare numbers, `上` one of 上中下, `名` the book's name and a number, `页` a page mark. */
const facts: Readonly<Record<string, UnitFacts>> = {
  部: { rank: 1, worth: 0.9 },
  季: { rank: 1, worth: 0.5 },
  part: { rank: 1, worth: 0.5, strict: true },
  book: { rank: 1, worth: 0.5, strict: true },
  卷: { rank: 2, worth: 0.9 },
  册: { rank: 2, worth: 0.5 },
  集: { rank: 2, worth: 0.9 },
  篇: { rank: 2, worth: 0.9 },
  编: { rank: 2, worth: 0.8 },
  辑: { rank: 2, worth: 0.8 },
  章: { rank: 3, worth: 1 },
  回: { rank: 3, worth: 1 },
  折: { rank: 3, worth: 0.9 },
  话: { rank: 3, worth: 0.9 },
  则: { rank: 3, worth: 0.9 },
  传: { rank: 3, worth: 0.8 },
  幕: { rank: 3, worth: 0.8 },
  出: { rank: 3, worth: 0.7 },
  品: { rank: 3, worth: 0.7 },
  课: { rank: 3, worth: 0.7 },
  chapter: { rank: 3, worth: 0.9 },
  节: { rank: 4, worth: 0.9 },
  场: { rank: 4, worth: 0.5 },
  番: { rank: 4, worth: 0.5 },
  封: { rank: 4, worth: 0.5 },
  段: { rank: 4, worth: 0.5 },
  讲: { rank: 4, worth: 0.5 },
  夜: { rank: 4, worth: 0.5 },
  案: { rank: 4, worth: 0.5 },
  天: { rank: 4, worth: 0.5, strict: true },
  世: { rank: 4, worth: 0.5, strict: true },
  第: { rank: 4, worth: 0.4, strict: true },
  名: { rank: 4, worth: 0.6 },
  "#": { rank: 5, worth: 0.35, strict: true },
  一: { rank: 5, worth: 0.35, strict: true },
  "()": { rank: 5, worth: 0.3, strict: true },
  上: { rank: 5, worth: 0.3, strict: true },
  I: { rank: 5, worth: 0.35, strict: true },
  页: { rank: 6, worth: 0.2 },
};

/** Units that are one, in other characters. */
const same: ReadonlyMap<string, string> = new Map([
  ["節", "节"],
  ["話", "话"],
  ["冊", "册"],
  ["則", "则"],
  ["傳", "传"],
  ["編", "编"],
  ["輯", "辑"],
  ["齣", "出"],
  ["場", "场"],
  ["課", "课"],
  ["講", "讲"],
  ["部分", "部"],
  ["卷", "卷"],
]);

/** The characters that follow 第 and a number, for a character class. */
export const unitCharacters = `${Object.keys(facts)
  .filter((unit) => /^\p{Script=Han}$/u.test(unit) && !"第名一上页".includes(unit))
  .join("")}節話冊則傳編輯齣場課講`;

/** The characters that may name a volume on a chapter's line. */
export const volumeCharacters = "部季卷册冊集篇编編辑輯";

/** The unit by the one character that `unitFacts` knows. */
export function unitOf(written: string): string {
  return same.get(written) ?? written;
}

/** Returns the properties of a unit; undefined if it is none. */
export function unitFacts(unit: string): UnitFacts | undefined {
  return facts[unit] ?? (isOther(unit) ? other : undefined);
}

/** A unit that only this file has: 第札. */
const other: UnitFacts = { rank: 4, worth: 0.4, strict: true };

/** Returns whether the unit is one that few books have. */
export function isOther(unit: string): boolean {
  return unit.length > 1 && unit[0] === "第";
}

/** The rank of a unit among those that may stand above each other: the lower, the higher it stands. */
export function rankOf(unit: string): number {
  return unitFacts(unit)?.rank ?? 9;
}

/** Returns whether the unit is one of bare numbers, or one that few books have: lists in the text have them too. */
export function isBareNumber(unit: string): boolean {
  return /^(?:#|一|\(\)|上|I)$/u.test(unit) || isOther(unit);
}
