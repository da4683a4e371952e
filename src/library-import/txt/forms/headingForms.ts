import { namedHeading } from "../../headingNames.ts";
import { countedForm, headlessForm, otherUnitForm, uncountedForm } from "./counted.ts";
import { englishForm } from "./english.ts";
import type { Form, FormRule } from "./form.ts";
import { arabicForm, bracketedForm, chineseForm, gluedForm, romanForm, upperForm } from "./numbers.ts";
import { withoutOrnaments } from "./ornaments.ts";
import { pageMarkForm } from "./pageMark.ts";
import { afterNameForm, inVolumeForm, nameAndNumberForm } from "./within.ts";

/** The longest line that can be a heading, and the longest title in it, in UTF-16 units. */
export const longestHeading = 80;
const longestTitle = 35;

/** The forms of headings: a line is read by the first group of which one applies, and in all forms of that group. */
const rules: readonly (readonly FormRule[])[] = [
  [pageMarkForm],
  [inVolumeForm],
  [countedForm],
  [afterNameForm],
  [headlessForm],
  [uncountedForm],
  [otherUnitForm],
  [englishForm],
  [bracketedForm],
  [romanForm],
  [upperForm],
  [arabicForm],
  [gluedForm],
  [chineseForm],
  [nameAndNumberForm],
];

/** The first characters of headings, digits and Latin letters apart. */
const beginnings =
  "页第弟笫卷上中下總敘開寫內結終間序楔前引番后後尾跋大终外叙自代总原又弁小开凡校出写内结附完最末间幕特正新请分閱阅其章回节節折(（【〔[〇零一二两三四五六七八九十百千廿卅壹贰叁肆伍陆柒捌玖拾貳參叄陸〈ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ";
/** The characters of numbers at the ends of headings, and of brackets around them. */
const endings = "一二三四五六七八九十百千零〇）)】";

/** A heading has one of these near its beginning, or ends in a number. */
const promising = new RegExp(
  `^[${beginnings.replace("[", "\\[")}\\d０-９]|^[IVX]+(?:[.、．:：]|$)|^(?:chapter|part|book|pro|pre|epi|after|fore|intro|vol|section|act|ch|no|ep)|第|[\\d${endings}]$`,
  "iu",
);

/** Of each character (UTF-16 unit) whether a line of the text that begins, and one that ends, with it may be passed over. */
const plain = { begins: 1, ends: 2 } as const;
const plainness = plainnessOf();

function plainnessOf(): Readonly<Uint8Array> {
  const table = new Uint8Array(0x10000).fill(plain.begins | plain.ends, 0x4e00, 0xa000);
  const except = (some: string, flag: number) => {
    for (const character of some) table[character.charCodeAt(0)]! &= ~flag;
  };
  // Text that `withoutOrnaments` removes may stand at the beginning (正文 第一章), or at the end (a date), too.
  except(`${beginnings}公免`, plain.begins);
  except(`${endings}日`, plain.ends);
  for (const mark of "“‘") table[mark.charCodeAt(0)]! |= plain.begins;
  for (const mark of "。！？，；：、…”’") table[mark.charCodeAt(0)]! |= plain.ends;
  return table;
}

/**
 * Returns whether a line surely is no heading, by its first and last characters: most lines of a novel are, and this takes no
 * pattern.
 */
function isProse(line: string): boolean {
  const begins = plainness[line.charCodeAt(0)]! & plain.begins;
  const ends = plainness[line.charCodeAt(line.length - 1)]! & plain.ends;
  return begins > 0 && ends > 0 && !line.includes("第") && !/\d/u.test(line);
}

/** All forms that the line, without white space around it, can be read in; none if it is no heading. */
export function headingForms(line: string): readonly Form[] {
  if (line.length > longestHeading || isProse(line)) return [];
  const { title, labelled } = withoutOrnaments(line);
  if (!promising.test(title)) return [];
  const forms = formsOf(title).filter(({ rest }) => rest.length <= longestTitle);
  return labelled ? forms.map((form) => ({ ...form, labelled: true as const })) : forms;
}

function formsOf(title: string): readonly Form[] {
  const name = namedHeading(title);
  if (name) return [{ unit: "named", number: 0, title, rest: name.rest, loose: false, kind: name.kind }];
  for (const group of rules) {
    const forms = group.flatMap((rule) => rule(title));
    if (forms.length > 0) return forms;
  }
  return [];
}

/** Returns whether a title is that of a volume: 第一卷 风起, 卷二, 上部. */
export function isVolumeTitle(title: string): boolean {
  return headingForms(title).some(({ unit, loose }) => !loose && /^[部卷集篇册季编辑]$/u.test(unit));
}
