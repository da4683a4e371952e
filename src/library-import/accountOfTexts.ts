import { type Account, accountOf, listed, textLength } from "./account.ts";

/** A chapter that its file tells apart. `hidden`: letters of its text that were left out with the contents of an element. */
type CountedChapter = { readonly title: string; readonly text?: string | undefined; readonly hidden: number };

/** Something of a file that could not be used, and its length in UTF-16 units. */
export type LostPart = { readonly place: string; readonly length: number };

/** Compares the texts of the chapters of a file with the kept ones. `rule` describes how the chapters are told apart. */
export function accountOfTexts(
  chapters: readonly CountedChapter[],
  rule: string,
  { warnings = [], lost = [] }: { readonly warnings?: readonly string[]; readonly lost?: readonly LostPart[] } = {},
): Account {
  const kept = chapters.reduce((sum, { text = "" }) => sum + textLength(text), 0);
  const hiding = chapters.filter(({ hidden }) => hidden > 0);
  const read = [...hiding.map(({ hidden }) => hidden), ...lost.map(({ length }) => length)].reduce(add, kept);
  const places = hiding.map(({ title, hidden }) => `${title}, ${hidden} letters in an element that is not shown`);
  const all = [...places, ...lost.map(({ place }) => place)];
  return accountOf({ read, kept, rule }, [...warnings, ...withoutText(chapters)], all);
}

const add = (sum: number, more: number) => sum + more;

function withoutText(chapters: readonly CountedChapter[]): readonly string[] {
  const empty = chapters.flatMap(({ title, text = "" }, index) =>
    text === "" ? [title || `number ${index + 1}`] : [],
  );
  if (empty.length === 0) return [];
  return [`${empty.length} chapters are without text in the file: ${listed(empty)}`];
}
