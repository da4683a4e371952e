import { type FormRule, separatedForm } from "./form.ts";

const words =
  "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const inWords = `(?:${tens.join("|")})(?:[\\s-](?:${words.slice(0, 9).join("|")}))?|${words.toReversed().join("|")}`;
const units: ReadonlyMap<string, string> = new Map([
  ["volume", "book"],
  ["vol", "book"],
  ["section", "chapter"],
  ["episode", "chapter"],
  ["ep", "chapter"],
  ["act", "chapter"],
  ["ch", "chapter"],
  ["chap", "chapter"],
  ["no", "#"],
]);
const english = new RegExp(
  `^(?<unit>chapter|part|book|volume|vol|section|episode|ep|act|chap|ch|no)(?:\\s*[.:：_·—-]\\s*|\\s*)(?<number>\\d{1,4}|(?<=[\\s.:：_·—-])(?:${inWords}|[ivxlc]{1,8}))(?:[\\s.:：_、—-]+(?<rest>\\S.*))?$`,
  "iu",
);

/** Chapter 12, chapter.012 风起, Part Two, Vol. 3. */
export const englishForm: FormRule = (title) => {
  const groups = english.exec(title)?.groups;
  if (!groups) return [];
  const unit = groups.unit!.toLowerCase();
  return separatedForm(units.get(unit) ?? unit, latinNumber(groups.number!.toLowerCase()), title, groups.rest);
};

function latinNumber(written: string): number {
  if (/^\d+$/.test(written)) return Number(written);
  const [first = "", second] = written.split(/[\s-]/);
  if (tens.includes(first)) return 20 + 10 * tens.indexOf(first) + words.indexOf(second ?? "") + 1;
  if (words.includes(first)) return words.indexOf(first) + 1;
  return romanNumber(written);
}

/** The value of a Roman number below 400. */
export function romanNumber(written: string): number {
  const values: Record<string, number> = { i: 1, v: 5, x: 10, l: 50, c: 100 };
  const numbers = [...written.toLowerCase()].map((letter) => values[letter]!);
  return numbers.reduce((sum, value, index) => sum + (value < (numbers[index + 1] ?? 0) ? -value : value), 0);
}
