import type { Case } from "./cases.ts";
import { layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

const layout = layouts[0]!;
const book = { title: "雪夜书", author: "林深" };
const front = "《雪夜书》\n作者：林深\n\n";
const chapterOf = (no: number, title: string): Written => ({ title, lines: prose(no * 67 + 5, 600) });

const plain = (name: string, chapters: readonly Written[], text?: string): Case => ({
  name: `export: ${name}`,
  layout,
  ...book,
  chapters,
  text: front + (text ?? written(chapters, layout)),
});
const twelve = range(12).map((no) => chapterOf(no, `第${zh(no)}章 ${titleOf(no)}`));
const named = (title: string): Case => plain(title, [...twelve.slice(0, 6), chapterOf(80, title), ...twelve.slice(6)]);
const last = (title: string): Case => plain(`${title} at the end`, [...twelve, chapterOf(81, title)]);
const first = (title: string): Case => plain(`${title} at the beginning`, [chapterOf(82, title), ...twelve]);

/** Parts without numbers. */
const parts: readonly Case[] = [
  ...["番外·旧信", "番外篇之一", "番外之雪落", "外传 渡口"].map(named),
  ...["番外一：雪落", "尾声（一）", "终章：归途", "后日谈", "番外 IF线", "特典 雪落", "最终章 归途"].map(last),
  ...["楔子：雪夜", "楔子一", "序章 一", "序曲", "前情提要", "引言", "人物表", "卷首", "开篇 雪夜"].map(first),
];

/** Lines within the text. */
const within = (name: string, put: (no: number, lines: readonly string[]) => readonly string[]): Case =>
  plain(
    `text: ${name}`,
    twelve.map(({ title, lines }, index) => ({ title, lines: put(index + 1, lines) })),
  );
const inMidst = (lines: readonly string[], own: readonly string[]) => [...own.slice(0, 3), ...lines, ...own.slice(3)];
const texts: readonly Case[] = [
  within("作者有话说 at the end", (_no, own) => [...own, "作者有话说：", "今天雪大，明天再更。"]),
  within("（作者有话说） in brackets", (_no, own) => [...own, "【作者有话说】", "谢谢大家的收藏和留言。"]),
  within("heads of pages", (no, own) => inMidst([`雪夜书　${no * 12}`], own)),
  within("numbers of pages", (no, own) => inMidst([`- ${no * 12} -`], own)),
  within("numbers of pages, alone", (no, own) => inMidst([String(no * 12)], own)),
  within("a poem, line by line", (_no, own) => inMidst(["雪落无声", "灯下有人", "一夜渡口", "半生风尘"], own)),
  within("a letter with its date", (_no, own) => inMidst(["阿宁如晤：", "别来无恙。", "老周顿首", "十二月初三"], own)),
  within("a play", (_no, own) => inMidst(["（老周上）", "老　周：谁在那里？", "阿　宁：是我。", "（同下）"], own)),
  within("a chat", (_no, own) => inMidst(["阿宁 22:15", "在吗", "老周 22:16", "在。"], own)),
  within("a list of ranks", (_no, own) => inMidst(["第一名：阿宁", "第二名：老周", "第三名：小七"], own)),
  within("a table of a system", (_no, own) =>
    inMidst(["【姓名】：阿宁", "【等级】：3", "【第一章任务】：未完成"], own),
  ),
  within("notes", (_no, own) => [...own, "[1] 渡口：在城西。", "[2] 旧信：见前。", "[3] 铜锁：老周所留。"]),
  within("notes with ①", (_no, own) => [...own, "①渡口在城西。", "②旧信见前。", "③铜锁是老周所留。"]),
  within("sections Ⅰ, Ⅱ, Ⅲ", (_no, own) => ["Ⅰ", ...inMidst(["Ⅱ"], own), "Ⅲ", "没有人回答。"]),
  within("sections 01, 02", (_no, own) => ["01", ...inMidst(["02"], own), "03", "没有人回答。"]),
  within("第一章完", (no, own) => [...own, `（第${zh(no)}章 完）`]),
  within("the next chapter's name", (no, own) => [...own, `欲知后事，且看第${zh(no + 1)}章。`]),
  within("且听下回分解", (_no, own) => [...own, "欲知后事如何，且听下回分解。"]),
];

export const exportParts: readonly Case[] = [...parts, ...texts];
