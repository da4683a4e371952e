import { type Form, headingForms } from "./headingForms.ts";
import { blankBefore, indentOf, type TextLines } from "./lines.ts";

/** A line that may be a heading, in one of its forms, and how much it looks like one among the others of its form. */
export type Candidate = Form & { readonly line: number; readonly weight: number };

export type Found = Form & { readonly line: number };

/** All lines that may be headings, in order; a line may be there in several forms. */
export function findCandidates(lines: TextLines): readonly Found[] {
  return lines.trimmed.flatMap((text, line) =>
    text === "" ? [] : headingForms(text).map((form) => ({ ...form, line })),
  );
}

/** What a title does not have and a sentence of the body does: 「第四回 书中说到此处，天已大亮。」 */
const sentence = /[。；]|[，、：:,]$|…{1,2}$/u;

/** How a sentence goes on that begins with the number of a chapter: 第四回中…, 第三章里…, 第一节课…, 第二卷的… */
const goesOn = /^(?:中|里|的|上|之[中后前]|时|课|所|以[前后]|我们|这|那|书|已|便|就|是|，|,|、|》|”|」)/u;

/** From this many headings on, the habits of a file are habits. */
const habit = 5;

/**
 * Weighs the lines of one form. A clear heading weighs 3, one whose title is not separated 1 (3 where that is the file's
 * way), less what sets it apart: punctuation of a sentence, an indent or a missing blank line that the others do not have.
 */
export function weigh(lines: TextLines, found: readonly Found[]): readonly Candidate[] {
  const clear = found.filter((form) => !form.loose && !sentence.test(form.rest));
  const loose = found.filter((form) => form.loose && !sentence.test(form.rest) && !goesOn.test(form.rest));
  const looseIsUsual = loose.length > clear.length;
  const models = looseIsUsual ? loose : clear;
  const indents = new Map<number, number>();
  let blank = 0;
  for (const { line } of models) {
    const indent = indentOf(lines, line);
    indents.set(indent, (indents.get(indent) ?? 0) + 1);
    if (blankBefore(lines, line)) blank += 1;
  }
  const share = (count: number) => (models.length < habit ? 0 : count / models.length);
  const blankIsUsual = share(blank) > 0.9;
  return found.map((form) => {
    let weight = form.loose && !looseIsUsual ? 1 : 3;
    if (sentence.test(form.rest)) weight -= form.loose ? 4 : 2.6;
    if (form.loose && goesOn.test(form.rest)) weight -= 2.2;
    if (models.length >= habit && share(indents.get(indentOf(lines, form.line)) ?? 0) < 0.1) weight -= 1.5;
    if (blankIsUsual && !blankBefore(lines, form.line)) weight -= 1;
    return { ...form, weight };
  });
}
