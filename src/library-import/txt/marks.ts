import type { Found } from "./candidates.ts";
import type { Heading } from "./heading.ts";
import { isVolumeOnLine } from "./knownNames.ts";
import { blankBefore, type TextLines } from "./lines.ts";
import type { Rule } from "./rule.ts";
import { rankOf } from "./units.ts";

/** The headings that rules and names find, in order: of a line that is found twice a chapter, then a volume, then a name. */
export function markHeadings(rules: readonly Rule[], named: readonly Found[]): readonly Heading[] {
  const marked = new Map<number, Heading>();
  const mark = (form: Found, role: Heading["role"], volume?: string) => {
    const { line, title, rest, kind = "chapter" } = form;
    if (marked.has(line)) return;
    marked.set(line, {
      line,
      end: line,
      own: [line],
      title,
      role,
      kind,
      rest,
      bare: rest === "" && form.unit !== "名",
      level: rankOf(form.unit),
      ...(volume !== undefined && { volume }),
    });
  };
  for (const { chapters } of rules) for (const form of chapters) mark(form, "chapter", volumeBefore(form, chapters));
  for (const { volumes } of rules) for (const form of volumes) mark(form, "volume");
  for (const form of named) mark(form, "chapter");
  return [...marked.values()].sort((a, b) => a.line - b.line);
}

/** 第一卷 风起 第一章: the volume. What stands before each number and never changes is the book's name. */
function volumeBefore({ before, unit }: Found, chapters: readonly Found[]): string | undefined {
  if (before === undefined || unit === "名") return undefined;
  if (isVolumeOnLine(before)) return before;
  const changes = chapters.some(
    (other) => other.before !== undefined && other.before !== before && !isVolumeOnLine(other.before),
  );
  return changes ? before : undefined;
}

/** Names like 冯梦龙序, 《一层楼》明序 or 人物表, which stand alone and only before the first chapter. */
export function unusualPrefaces(lines: TextLines, first: number, skip: (line: number) => boolean): readonly Found[] {
  const prefaces: Found[] = [];
  for (let line = 0; line < first; line += 1) {
    const title = lines.trimmed[line]!;
    if (title.length > 14 || !unusualPreface.test(title) || !blankBefore(lines, line) || skip(line)) continue;
    prefaces.push({ line, title, unit: "named", number: 0, rest: "", loose: false, kind: "preface" });
  }
  return prefaces;
}

const unusualPreface =
  /^[^。，！？：；]+(?:序|叙|弁言|凡例|题词|小引|读法)$|^(?:题记|題記|献[词辞]|致读者|前情提要|卷首|(?:主要|登场|出场|剧中)?人物(?:表|介绍|关系表?)|(?:主要|登场|出场|剧中)人物)$/u;
