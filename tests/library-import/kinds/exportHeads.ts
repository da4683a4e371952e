import type { Case } from "./cases.ts";
import { layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

const layout = layouts[0]!;
const book = { title: "雪夜书", author: "林深" };
const chapterOf = (no: number, title: string): Written => ({ title, lines: prose(no * 67 + 5, 600) });
const twelve = range(12).map((no) => chapterOf(no, `第${zh(no)}章 ${titleOf(no)}`));

/** Heads of files from sources other than download sites. */
const head = (name: string, top: string, fileName = "download", chapters: readonly Written[] = twelve): Case => ({
  name: `head: ${name}`,
  layout,
  ...book,
  chapters,
  fileName,
  text: `${top}\n\n${written(chapters, layout)}`,
});
const heads: readonly Case[] = [
  head("文/某", "《雪夜书》\n文/林深"),
  head("作者/某", "雪夜书\n作者/林深"),
  head("某　著", "雪夜书\n\n林深　著"),
  head("【书名】【作者】 on one line", "【书名】雪夜书 【作者】林深"),
  head("作品名称", "作品名称：雪夜书\n作者名称：林深"),
  head("小说名称, 小说作者", "小说名称：雪夜书\n小说作者：林深\n小说类型：都市"),
  head("书名 without a colon", "书名 雪夜书\n作者 林深"),
  head("著者", "书名：雪夜书\n著者：林深"),
  head("Title, Author in English", "Title: 雪夜书\nAuthor: 林深\nLanguage: Chinese"),
  head("《书》作者某", "《雪夜书》作者林深"),
  head("书（某 著）", "雪夜书（林深 著）"),
  head("《书》 by：某", "《雪夜书》 by：林深"),
  head("a year and a dynasty", "雪夜书\n[清] 林深 著"),
  head("title with a row of signs below", "雪夜书\n==========\n作者：林深\n=========="),
  head("a number of words", "《雪夜书》\n作者：林深\n总字数：12万字\n首发：某某文学城"),
  head("tags of a shop", "雪夜书\n作者：林深\n出版社：某某出版社\nISBN：9787000000000\n版权所有 侵权必究"),
  head("name: Anna's Archive", "", "雪夜书 -- 林深 -- 2010 -- 某某出版社 -- 9787000000000 -- Anna’s Archive"),
  head("name: Z-Library", "", "雪夜书 (林深) (Z-Library)"),
  head("name: z-lib.org, 著", "", "雪夜书 (林深 著) (z-lib.org)"),
  head("name: 某-《书》", "", "林深-《雪夜书》"),
  head("name: 《书》作者_某", "", "《雪夜书》作者_林深"),
  head("name: 书[某]", "", "雪夜书[林深]"),
  head("name: 书.某", "", "雪夜书.林深"),
  head("name: [社][某] 书", "", "[某某汉化组][林深] 雪夜书"),
  head("name: （玄幻）书-某", "", "（玄幻）雪夜书-林深"),
  head("name: 书 作者某", "", "雪夜书 作者林深"),
  head("name: 某 - 书 (全)", "", "林深 - 雪夜书 (全)"),
  head("name: 书(番外+完结)BY某", "", "雪夜书(番外+完结)BY林深"),
  head("name: 书-某-第1-200章", "", "雪夜书-林深-第1-200章"),
  head("name: 1234-书-某", "", "1234-雪夜书-林深"),
  head("name: 书-作者：某", "", "雪夜书-作者：林深"),
  head("name: 书_某(2021)", "", "雪夜书_林深(2021)"),
  head("name: 《书》(完)", "《雪夜书》\n林深", "《雪夜书》(完)"),
];

/** A head and a licence like Project Gutenberg's, paraphrased. */
const licensed: Case = {
  name: "head: Project Gutenberg",
  layout: { ...layout, lineEnd: "\r\n" },
  ...book,
  chapters: twelve,
  text: `The Project Gutenberg EBook of 雪夜书, by 林深\n\nThis text may be given to anyone.\n\nTitle: 雪夜书\n\nAuthor: 林深\n\nRelease Date: March 4, 2010\n\nLanguage: Chinese\n\n*** START OF THIS PROJECT GUTENBERG EBOOK 雪夜书 ***\n\n\nProduced by some volunteers\n\n\n${written(twelve, layout)}\n\n*** END OF THIS PROJECT GUTENBERG EBOOK 雪夜书 ***\n\n${range(
    6,
  )
    .map((no) => `Section ${no}. Terms of use\n\n1.${no}. ${"The terms of use go on and on. ".repeat(20)}`)
    .join("\n\n")}`,
};

export const exportHeads: readonly Case[] = [...heads, licensed];
