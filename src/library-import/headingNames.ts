import type { ParsedChapter } from "./parsedBook.ts";

type Kind = ParsedChapter["kind"];

/** Names of parts without a number, by kind. */
const names: Readonly<Record<Kind, readonly string[]>> = {
  preface:
    "序章 序言 序幕 序曲 序文 序 自序 自叙 代序 总序 原序 又序 叙 楔子 前言 引子 引言 弁言 小引 开篇 卷首语 开场白 凡例 校点说明 出版说明 写在前面 写在前面的话 内容提要 總序 自敘 敘 開篇 卷首語 開場白 校點說明 出版說明 寫在前面 內容提要 Prologue Preface Foreword Introduction".split(
      " ",
    ),
  afterword:
    "后记 後記 尾声 尾聲 跋 跋语 后序 后叙 后语 结语 附录 附錄 完本感言 完结感言 完本后记 完结后记 写在最后 写在后面 跋語 後序 後敘 後語 結語 完結感言 寫在最後 寫在後面 Epilogue Afterword".split(
      " ",
    ),
  chapter:
    "番外篇 番外卷 番外 外传 外篇 大结局 终章 最终章 末章 尾章 间章 幕间 特别篇 后日谈 後日談 特典 正文 上架感言 新书感言 请假条 外傳 大結局 終章 最終章 間章 幕間 特別篇".split(
      " ",
    ),
};

const kinds: ReadonlyMap<string, Kind> = new Map(
  (Object.keys(names) as Kind[]).flatMap((kind) => names[kind].map((name) => [name.toLowerCase(), kind] as const)),
);

const byLength = [...kinds.keys()].sort((a, b) => b.length - a.length).join("|");

/** A name, alone or with a number (番外一, 楔子（上）), optionally followed by a separator and a title. */
const named = new RegExp(
  `^(?<name>${byLength})(?:\\s*(?:[（(]?[0-9０-９〇零一二三四五六七八九十百上中下]{1,4}[）)]?|之[一二三四五六七八九十百]{1,3})(?=$|[\\s：:、.．·—-]|(?<=[）)])))?(?:(?:[\\s：:、.．·—－-]+|(?<=[）)])|(?<=番外篇?|外[传傳])之)(?<rest>\\S.*))?$`,
  "iu",
);

export type NamedHeading = { readonly name: string; readonly kind: Kind; readonly rest: string };

/** Parses a heading without a number, such as 序章, 番外三 or 楔子　张天师祈禳瘟疫; undefined if it is none. */
export function namedHeading(text: string): NamedHeading | undefined {
  const groups = named.exec(text)?.groups;
  const name = groups?.name?.toLowerCase();
  const kind = name === undefined ? undefined : kinds.get(name);
  return kind && { name: name!, kind, rest: groups?.rest ?? "" };
}

/** The title of a chapter of which only the number is known. */
export const numberedTitle = (no: number): string => `第${no}章`;

/** The kind of a part, by its heading: 序, 序章, 楔子, 前言, 引子 are prefaces, 后记, 尾声, 跋 afterwords, all others chapters. */
export function kindOf(title: string): Kind {
  const text = title
    .trim()
    .replace(/^[◎●○◆◇■□★☆※【〖[《「『]+\s*/u, "")
    .replace(/[】〗\]》」』]+/gu, " ")
    .trim();
  return namedHeading(text)?.kind ?? "chapter";
}
