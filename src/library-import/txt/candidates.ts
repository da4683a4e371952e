import type { Form } from "./forms/form.ts";
import { headingForms } from "./forms/headingForms.ts";
import { blankBefore, indentOf, standsAlone, type TextLines } from "./lines.ts";
import { isBareNumber } from "./units.ts";

/** A line that may be a heading, in one of its forms, and its weight among the others of its form. */
export type Candidate = Form & { readonly line: number; readonly weight: number };

export type Found = Form & { readonly line: number };

/** All lines that may be headings, in order; a line may be there in several forms. The search ends when there are more than `max`. */
export function findCandidates(lines: TextLines, max: number): readonly Found[] {
  const found: Found[] = [];
  for (let line = 0; line < lines.trimmed.length && found.length <= max; line += 1) {
    const text = lines.trimmed[line]!;
    if (text === "") continue;
    for (const form of headingForms(text)) found.push(foundAt(line, form));
  }
  return found;
}

/** With all its fields, in one order: what reads thousands of them is twice as fast if all have one shape. */
function foundAt(line: number, { unit, number, title, rest, loose, before, kind, labelled }: Form): Found {
  return { unit, number, title, rest, loose, before, kind, labelled, line };
}

/** Characters that occur in a sentence of the body and not in a title: 「第四回 书中说到此处，天已大亮。」 */
const sentence = /[。；]|[，、：:,]$|…{1,2}$/u;

/** The continuation of a sentence that begins with the number of a chapter: 第四回中…, 第三章里…, 第一节课…, 第二卷的… */
const sentenceContinuation = /^(?:中|里|的|上|之[中后前]|时|课|所|以[前后]|我们|这|那|书|已|便|就|是|，|,|、|》|”|」)/u;

/** From this many headings on, the habits of a file are habits. */
const habit = 5;

/**
 * Weighs the lines of one form. A clear heading weighs 3, one whose title is not separated 1 (3 where the file always writes them
 * so), less what sets it apart: punctuation of a sentence, an indent or a missing blank line that the others do not have. A line
 * that continues like a sentence is still a heading if only headings stand alone in the file, and it does too.
 */
export function weigh(lines: TextLines, found: readonly Found[]): readonly Candidate[] {
  const known = weighed.get(found);
  if (known !== undefined) return known;
  const candidates = weighAll(lines, found);
  weighed.set(found, candidates);
  return candidates;
}

/** Results of `weigh`: a unit is weighed alone, and as one that may stand above others. */
const weighed = new WeakMap<readonly Found[], readonly Candidate[]>();

function weighAll(lines: TextLines, found: readonly Found[]): readonly Candidate[] {
  const models = modelsOf(found);
  const looseIsUsual = models[0] !== undefined && isLoose(models[0]);
  const habits = habitsOf(lines, models);
  return found.map((form) => {
    const loose = isLoose(form);
    let weight = loose && !looseIsUsual ? 1 : 3;
    if (sentence.test(form.rest)) weight -= loose ? 4 : 2.6;
    if (loose && sentenceContinuation.test(form.rest) && !(habits.alone && standsAlone(lines, form.line)))
      weight -= /[，？！]/u.test(form.rest) ? 3.2 : 2.2;
    if (habits.style !== undefined && styleOf(form, habits.padded) !== habits.style) weight -= 1;
    if (habits.sure && (habits.indents.get(indentOf(lines, form.line)) ?? 0) < 0.1 * models.length) weight -= 1.5;
    if (habits.blank && !blankBefore(lines, form.line)) weight -= 1;
    return { ...form, weight };
  });
}

/** Returns whether the title stands right behind the number, and no label marks it as one. */
export function isLoose({ loose, labelled }: Form): boolean {
  return loose && labelled !== true;
}

/** Returns the lines that look like headings, clear or loose, whichever are more: the others are compared with them. */
function modelsOf(found: readonly Found[]): readonly Found[] {
  const clear = found.filter((form) => !isLoose(form) && !sentence.test(form.rest));
  const loose = found.filter(
    (form) => isLoose(form) && !sentence.test(form.rest) && !sentenceContinuation.test(form.rest),
  );
  return loose.length > clear.length ? loose : clear;
}

type Habits = {
  /** There are enough models to speak of habits. */
  readonly sure: boolean;
  /** The number of models by indent. */
  readonly indents: ReadonlyMap<number, number>;
  /** A blank line stands above nearly all of them. */
  readonly blank: boolean;
  /** Nearly all stand alone, and paragraphs do not. */
  readonly alone: boolean;
  /** The separator of most of them between number and title, if they are bare numbers: lists in the text have another one. */
  readonly style: string | undefined;
  /** Some numbers begin with 0. */
  readonly padded: boolean;
};

/** The signs around a bare number, and its number of digits if the file pads them: 001、 and 1、 are of two styles. */
function styleOf({ title, rest }: Form, padded: boolean): string {
  const number = title.slice(0, title.length - rest.length).trim();
  return padded ? number.replace(/\d/gu, "0") : number.replace(/[\p{L}\p{N}]+/gu, "0");
}

/** The style of so large a share of headings is the file's. */
const mostlyStyled = 0.6;

function commonStyle(models: readonly Found[], padded: boolean): string | undefined {
  if (models.length < habit || !isBareNumber(models[0]!.unit)) return undefined;
  const times = new Map<string, number>();
  for (const model of models) {
    const style = styleOf(model, padded);
    times.set(style, (times.get(style) ?? 0) + 1);
  }
  const [style, count] = [...times].reduce((best, next) => (next[1] > best[1] ? next : best));
  return count >= mostlyStyled * models.length ? style : undefined;
}

function habitsOf(lines: TextLines, models: readonly Found[]): Habits {
  const indents = new Map<number, number>();
  let blank = 0;
  let alone = 0;
  for (const { line } of models) {
    const indent = indentOf(lines, line);
    indents.set(indent, (indents.get(indent) ?? 0) + 1);
    if (blankBefore(lines, line)) blank += 1;
    if (standsAlone(lines, line)) alone += 1;
  }
  const sure = models.length >= habit;
  const padded = models.some(({ title }) => /^0\d/u.test(title));
  return {
    sure,
    indents,
    blank: sure && blank > 0.9 * models.length,
    alone: sure && alone > 0.9 * models.length && !lines.paragraphsApart,
    padded,
    style: commonStyle(models, padded),
  };
}

/** Returns whether the text behind the number reads like the middle of a sentence: 第四回中…. */
export function continuesSentence({ loose, rest }: Form): boolean {
  return loose && sentenceContinuation.test(rest);
}

/** Returns whether a title reads like a sentence of the body. */
export function isSentence(rest: string): boolean {
  return sentence.test(rest);
}
