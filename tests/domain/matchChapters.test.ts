import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PublishedChapter } from "../../src/domain/library/events.ts";
import { type MatchedChapter, matchChapters } from "../../src/domain/library/matchChapters.ts";

/** A chapter of a story, independent of its number: its identity, its text, and its volume if any. */
type Part = { readonly which: string; readonly text: string; readonly volume?: string };
type Titled = Part & { readonly title: string };
type Form = (no: number, part: Part) => string;

const han = [..."零一二三四五六七八九"];
const inHan = (no: number): string =>
  no < 10
    ? han[no]!
    : no < 20
      ? `十${no % 10 ? han[no % 10] : ""}`
      : `${han[Math.floor(no / 10)]}十${no % 10 ? han[no % 10] : ""}`;
const fullWidth = (no: number) => String(no).replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
const roman = (no: number) =>
  `${"X".repeat(Math.floor(no / 10))}${["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"][no % 10]}`;

/** Titles that only number their chapters, with words around the number. */
const numberedForms: Readonly<Record<string, Form>> = {
  第N章: (no) => `第${no}章`,
  第十二章: (no) => `第${inHan(no)}章`,
  "N、": (no) => `${no}、`,
  "（N）": (no) => `（${no}）`,
  十二: (no) => inHan(no),
  "Chapter N:": (no) => `Chapter ${no}:`,
  "Chapter XII": (no) => `Chapter ${roman(no)}`,
  "第一卷 第N章": (no) => `第一卷 第${no}章`,
  "VIP卷 第N章": (no) => `VIP卷 第${no}章`,
  卷一·第N章: (no) => `卷一·第${no}章`,
  卷一第十二章: (no) => `卷一第${inHan(no)}章`,
  "正文 第N章": (no) => `正文 第${no}章`,
  番外N: (no) => `番外${no}`,
  番外１２: (no) => `番外${fullWidth(no)}`,
  "番外（十二）": (no) => `番外（${inHan(no)}）`,
  "番外 第N章": (no) => `番外 第${no}章`,
  特别篇N: (no) => `特别篇${no}`,
  间章十二: (no) => `间章${inHan(no)}`,
  日记N: (no) => `日记${no}`,
  第N更: (no) => `第${no}更`,
  第N天: (no) => `第${no}天`,
  第十二夜: (no) => `第${inHan(no)}夜`,
  "第N章（修）": (no) => `第${no}章（修）`,
  "第N章 更新": (no) => `第${no}章 更新`,
  "第N章 上": (no) => `第${no}章 上`,
  "第N章 （一）": (no) => `第${no}章 （一）`,
  "第N章 无题": (no) => `第${no}章 无题`,
  EPN: (no) => `EP${no}`,
  "Episode N": (no) => `Episode ${no}`,
  SN: (no) => `S${no}`,
};
const names = Array.from(
  { length: 200 },
  (_, no) =>
    `雨夜${[..."天地玄黄宇宙洪荒日月"][no % 10]}${no < 10 ? "" : "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"[Math.floor(no / 10) - 1]}`,
);
const nameOf = ({ which }: Part) => names[Number(which) || 199]!;
/** Titles with a name after the number. */
const namedForms: Readonly<Record<string, Form>> = {
  "第N章 雨夜": (no, part) => `第${no}章 ${nameOf(part)}`,
  第十二章雨夜: (no, part) => `第${inHan(no)}章${nameOf(part)}`,
  "N.雨夜": (no, part) => `${no}.${nameOf(part)}`,
  "第一卷 第N章 雨夜": (no, part) => `第一卷 第${no}章 ${nameOf(part)}`,
};
/** Numbers that are not recognized as such. */
const otherForms: Readonly<Record<string, Form>> = {
  "第十二章 上, 下": (no) => `第${inHan(Math.ceil(no / 2))}章 ${no % 2 ? "上" : "下"}`,
  甲子: (no) => `${[..."甲乙丙丁戊己庚辛壬癸"][no % 10]}${[..."子丑寅卯辰巳午未申酉戌亥"][no % 12]}`,
  "Part A": (no) => `Part ${String.fromCodePoint(64 + no)}`,
  雨夜: (_, part) => nameOf(part),
};

const long = (which: string) => `${which}：${"雨下了一夜，灯还亮着。".repeat(30)}`;
const short = (which: string) => `${which}，日暮苍山远。`;
const partsOf = (textOf: (which: string) => string): Part[] =>
  Array.from({ length: 60 }, (_, index) => ({ which: String(index + 1), text: textOf(String(index + 1)) }));
const numbered = (parts: readonly Part[], form: Form): Titled[] =>
  parts.map((part, index) => ({ ...part, title: form(index + 1, part) }));

const identity = ({ title, text, volume }: Titled, index: number): MatchedChapter & PublishedChapter => ({
  chapterId: "",
  no: index + 1,
  title,
  volume: volume ?? null,
  kind: "chapter",
  sha256: createHash("sha256").update(text).digest("hex"),
  length: text.length,
  words: text.length,
});

/** The chapters of the new edition, each with the chapter of the old edition whose id it has. */
function matched(before: readonly Titled[], after: readonly Titled[]) {
  const published = before.map((one, index) => ({ ...identity(one, index), chapterId: one.which }));
  const matches = matchChapters(published, after.map(identity));
  return after.map(({ which }, index) => ({ which, match: matches.get(index + 1)?.chapterId }));
}

/** How many chapters have the right id (new ones a new id), the id of another chapter, or a new id although they had one. */
function compared(before: readonly Titled[], after: readonly Titled[]) {
  const known = new Set(before.map(({ which }) => which));
  const counts = { right: 0, wrong: 0, lost: 0 };
  for (const { which, match } of matched(before, after))
    if (match === undefined) counts[known.has(which) ? "lost" : "right"]++;
    else counts[match === which ? "right" : "wrong"]++;
  return counts;
}

const added: Part = { which: "new", text: long("new") };
const withAdded = (parts: readonly Part[]) => parts.toSpliced(9, 0, added);
const corrected = (parts: readonly Part[], ...numbers: readonly number[]) =>
  parts.map((part, index) => (numbers.includes(index + 1) ? { ...part, text: `${part.text}改` } : part));
const someCorrected = [3, 15, 16, 20, 28, 33, 40, 41, 42, 60];

const changes: Readonly<Record<string, (parts: readonly Part[]) => readonly Part[]>> = {
  "one put in": withAdded,
  "one left out": (parts) => parts.toSpliced(19, 1),
  "two swapped": (parts) => parts.with(14, parts[30]!).with(30, parts[14]!),
  "one put in and ten corrected": (parts) => withAdded(corrected(parts, ...someCorrected)),
  "one left out and ten corrected": (parts) => corrected(parts, ...someCorrected).toSpliced(49, 1),
  "ten corrected": (parts) => corrected(parts, ...someCorrected),
};
const all = (forms: Readonly<Record<string, Form>>) =>
  Object.entries(forms).flatMap(([name, form]) =>
    Object.entries(changes).map(([change, changed]) => [name, change, form, changed] as const),
  );
const allRight = (parts: readonly unknown[]) => ({ right: parts.length, wrong: 0, lost: 0 });

describe.each([
  ["long", long],
  ["short", short],
])("of %s texts", (length, textOf) => {
  const parts = partsOf(textOf);

  test.each(all({ ...numberedForms, ...namedForms }))("%s, %s: all keep their ids", (_1, _2, form, changed) => {
    const after = changed(parts);
    expect(compared(numbered(parts, form), numbered(after, form))).toEqual(allRight(after));
  });

  test.each(Object.entries({ ...numberedForms, ...namedForms, ...otherForms }))(
    "%s, volumes that are numbered as one: all keep their ids",
    (_, form) => {
      const volumes = parts.map((part, index) => ({ ...part, volume: index < 30 ? "上卷" : "下卷" }));
      const before = [...numbered(volumes.slice(0, 30), form), ...numbered(volumes.slice(30), form)];
      expect(compared(before, numbered(parts, form))).toEqual(allRight(parts));
    },
  );

  if (length === "long")
    test.each(all(otherForms).filter(([, change]) => !change.includes("corrected")))(
      "%s, %s: all keep their ids",
      (_1, _2, form, changed) => {
        const after = changed(parts);
        expect(compared(numbered(parts, form), numbered(after, form))).toEqual(allRight(after));
      },
    );
});

test("chapters whose texts all changed, and numbers too, keep their ids by their names", () => {
  const parts = partsOf(long);
  const after = withAdded(corrected(parts, ...parts.map((_, index) => index + 1)));
  for (const form of Object.values(namedForms))
    expect(compared(numbered(parts, form), numbered(after, form))).toEqual(allRight(after));
});

test.each([
  ["第5章 一夜", "第6章 三夜"],
  ["第5章 三体", "第6章 二体"],
  ["第5章", "第6章"],
  ["番外5", "番外6"],
])("%s is not %s with another text", (title, other) => {
  const [one, two, three] = partsOf(long);
  const before = [
    { ...one!, title: "序" },
    { ...two!, title },
  ];
  const after = [
    { ...one!, title: "序" },
    { ...three!, title: "第4章 新" },
    { ...three!, text: long("x"), title: other },
  ];
  expect(compared(before, after)).toEqual({ right: 3, wrong: 0, lost: 0 });
});

describe("a short text that moves on to the next chapters does not take the ids of those before", () => {
  const notice = "正在手打中，请稍等片刻。";
  const names = ["灯", "桥", "雪", "雨", "风", "月", "花", "鸟", "海"];
  const forms: readonly ((no: number) => string)[] = [
    (no) => `第${no}章 ${names[no]}`,
    (no) => `第${no}章`,
    (no) => `番外${no}`,
  ];
  test.each(forms.flatMap((form) => [1, 3].map((notices) => [form(1), notices, form] as const)))(
    "%s, %i notices",
    (_, notices, form) => {
      const edition = (texts: number) =>
        Array.from({ length: texts + notices }, (_, index) => ({
          which: `${index + 1}`,
          text: index < texts ? long(`${index + 1}`) : notice,
          title: form(index + 1),
        }));
      expect(compared(edition(4), edition(5))).toEqual(allRight(edition(5)));
    },
  );
});

test("a short text that an edition left out does not give its id to a later notice of the same words", () => {
  const [notice] = [{ which: "old", text: "今天请假一天。", title: "请假条" }].map(identity);
  const later = { ...notice!, title: "第4章 请假" };
  expect(matchChapters([], [later], [notice!]).size).toBe(0);
  expect(matchChapters([], [notice!], [notice!]).size).toBe(1);
});

test("names that several chapters have tell none of them", () => {
  const [one, two] = partsOf(long);
  const before = numbered([one!, two!], (no) => `第${no}章 更新`);
  const after = numbered([added, added, added, { ...two!, text: "改" }], (no) => `第${no + 5}章 更新`);
  expect(compared(before, after)).toEqual({ right: 3, wrong: 0, lost: 1 });
});

test("whatever titles and places become, chapters keep the ids of their texts if these are long and stay", () => {
  const forms = Object.values({ ...numberedForms, ...namedForms, ...otherForms });
  const edition = fc.record({
    order: fc.shuffledSubarray(partsOf(long)),
    forms: fc.infiniteStream(fc.constantFrom(...forms)),
    numbers: fc.infiniteStream(fc.integer({ min: 1, max: 99 })),
    counts: fc.boolean(),
  });
  const titled = ({
    order,
    forms,
    numbers,
    counts,
  }: {
    order: readonly Part[];
    forms: Iterator<Form>;
    numbers: Iterator<number>;
    counts: boolean;
  }) =>
    order.map((part, index) => ({
      ...part,
      title: forms.next().value(counts ? index + 1 : numbers.next().value, part),
    }));
  fc.assert(
    fc.property(edition, edition, (one, other) => {
      const known = new Set(one.order.map(({ which }) => which));
      const kept = matched(titled(one), titled(other)).filter(({ which }) => known.has(which));
      expect(kept.filter(({ which, match }) => match !== which)).toEqual([]);
    }),
  );
});
