import { type Account, accountOf, textLength } from "./account.ts";

/** A chapter that its file tells apart. `hidden`: letters of its text that were left out with the contents of an element. */
type CountedChapter = { readonly title: string; readonly text: string; readonly hidden: number };

/** Compares the texts of chapters that a file tells apart with what is kept of them. `rule` says how they are told apart. */
export function accountOfTexts(
  chapters: readonly CountedChapter[],
  rule: string,
  warnings: readonly string[] = [],
): Account {
  const kept = chapters.reduce((sum, { text }) => sum + textLength(text), 0);
  const lost = chapters.filter(({ hidden }) => hidden > 0);
  const read = kept + lost.reduce((sum, { hidden }) => sum + hidden, 0);
  const places = lost.map(({ title, hidden }) => `${title}, ${hidden} letters in an element that is not shown`);
  return accountOf({ read, kept, rule }, warnings, places);
}
