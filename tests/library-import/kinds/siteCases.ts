import type { Case } from "./cases.ts";
import { layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

const layout = layouts[0]!;
const book = { title: "雪夜书", author: "林深" };
const chapters = (count = 8): readonly Written[] =>
  range(count).map((no) => ({ title: `第${zh(no)}章 ${titleOf(no)}`, lines: prose(no * 37 + count, 600) }));
const body = chapters();
const intro = "一个雪夜，一本没有写完的书，把三个互不相识的人带到同一座渡口。";

/** The head above the first chapter, and the metadata in it. */
const head = (
  name: string,
  text: string,
  right: { readonly title?: string; readonly author?: string | undefined; readonly preface?: readonly string[] } = {},
  fileName = "download",
): Case => ({
  name: `head: ${name}`,
  fileName,
  layout,
  ...book,
  ...("title" in right && { title: right.title! }),
  ...("author" in right && { author: right.author }),
  chapters: [...(right.preface ? [{ title: "前言", lines: right.preface }] : []), ...body],
  text: `${text}\n\n${written(body, layout)}`,
});

/** Heads as download sites write them. */
const heads: readonly Case[] = [
  head(
    "书名, 作者, 内容简介, a row of signs",
    `《雪夜书》\n作者：林深\n\n内容简介：\n　　${intro}\n\n================================`,
  ),
  head(
    "a box around title and author",
    `╔══════════════╗\n║　　　雪夜书　　　║\n║　　作者：林深　　║\n╚══════════════╝\n\n${"=".repeat(30)}`,
  ),
  head("a box of other lines", `┏━━━━━━━━━━━━━┓\n┃　　　《雪夜书》　　　┃\n┃　　作者：林深　　　　┃\n┗━━━━━━━━━━━━━┛`),
  head(
    "a site's block above",
    `=======================================================\n声明：本书由某某书库(www.example.com)自网络收集整理制作，仅供预览交流学习使用，版权归原作者和出版社所有，如果喜欢，请支持订阅购买正版。\n=======================================================\n\n《雪夜书》\n作者：林深`,
  ),
  head(
    "a site's block of many lines",
    `更多精彩好书，更多原创手机电子书，请登陆某某书库--www.example.com\n\n本书由【某某】整理，请于下载后24小时内删除\n\n『雪夜书/作者:林深』\n『状态:已完结』\n『内容简介:\n　　${intro}\n』\n\n------章节内容开始-------`,
  ),
  head(
    "『书/作者:某』 and 『状态』",
    `『雪夜书/作者:林深』\n『状态:更新到:第八章』\n『内容简介:\n${intro}』\n------章节内容开始-------`,
  ),
  head(
    "fields of a library",
    `书名：雪夜书\n作者：林深\n类别：都市言情\n字数：123456字\n状态：已完成\n最后更新：2012-03-04\n\n内容介绍：${intro}`,
  ),
  head("fields on one line", `书名：雪夜书 作者：林深 字数：12万 状态：完结`),
  head("fields with full-width spaces", `书　　名：雪夜书\n作　　者：林深\n简　　介：${intro}`),
  head(
    "【书名】【作者】【简介】",
    `【书名】：雪夜书\n【作者】：林深\n【简介】：${intro}\n【标签】：都市 情缘\n【正文】`,
  ),
  head(
    "title, by, 文案",
    `雪夜书\nBY林深\n\n文案：\n${intro}\n\n内容标签：都市 情有独钟\n搜索关键字：主角：阿宁 ┃ 配角：老周 ┃ 其它：`,
  ),
  head(
    "晋江: 所有, 文章类型",
    `《雪夜书》作者：林深\n\n文案\n${intro}\n\n内容标签： 都市\n\n搜索关键字：主角：阿宁，老周 ┃ 配角： ┃ 其它：\n\n==================`,
  ),
  head("title and author in one pair of brackets", "【雪夜书】（林深）"),
  head("title, slash, author", "雪夜书 / 林深"),
  head("title - author", "雪夜书 - 林深"),
  head("title　　作者：author", "雪夜书　　　　作者：林深"),
  head("《书》全集 作者：某", "《雪夜书》全集\n作者:林深"),
  head("《书》/某", "《雪夜书》/林深"),
  head("《书》 某 著", "《雪夜书》 林深 著"),
  head("某 著《书》", "林深著《雪夜书》"),
  head("书名：《书》", "书名：《雪夜书》\n作者：林深"),
  head("作者 above the title", "作者：林深\n\n《雪夜书》"),
  head("title and author on lines by themselves", "雪夜书\n\n林深"),
  head("title and author, a file's name that says another form", "雪夜书\n林深\n", {}, "雪夜书-林深"),
  head(
    "a mail address of the maker",
    `《雪夜书》\n作者：林深\n\n整理：某人\nE-mail：someone@example.com\nQQ群：123456789`,
  ),
  head(
    "手机电子书 site",
    `本书来自 www.example.com\n更多更新免费电子书请关注www.example.com\n\n\n雪夜书\n作者：林深\n\n  ${intro}`,
    { preface: [intro] },
  ),
  head("a preface without a name", `《雪夜书》\n作者：林深\n\n　　${prose(900, 400).join("\n　　")}`, {
    preface: prose(900, 400),
  }),
  head("traditional fields", `書名：雪夜書\n作者：林深\n簡介：${intro}`, { title: "雪夜書" }),
  head("nothing; 书名 and author in the file's name", "", {}, "《雪夜书》（精校版全本）作者：林深"),
  head("nothing; a site in the file's name", "", {}, "[某某书库www.example.com]雪夜书-林深"),
  head("nothing; 八零电子书's name", "", {}, "雪夜书(林深)_www.example.com"),
  head("nothing; TXT全集 in the file's name", "", {}, "《雪夜书》TXT全集下载_作者：林深"),
  head("nothing; chapters in the file's name", "", {}, "雪夜书(1-8章未完) 作者：林深"),
  head("nothing; 作者：某 《书》", "", {}, "作者：林深《雪夜书》"),
  head("nothing; by in the file's name, with the edition", "", {}, "雪夜书 by 林深（完结+番外）"),
  head("the first chapter's volume above all", "《雪夜书》\n作者：林深\n\n正文"),
  head("更新日期", "《雪夜书》\n作者：林深\n更新日期：2011-05-06\n最新章节：第八章 谁在敲门"),
];

/** Lines that sites put between and in chapters. */
const between = (name: string, put: (no: number) => string, at: "above" | "below" = "below"): Case => ({
  name: `banners: ${name}`,
  layout,
  ...book,
  chapters: body,
  text: `《雪夜书》\n作者：林深\n\n${body
    .map((chapter, index) => {
      const own = written([chapter], layout);
      const [first = "", ...others] = own.split("\n\n");
      return at === "below"
        ? `${own}\n${put(index + 1)}\n\n`
        : `${first}\n${put(index + 1)}\n\n${others.join("\n\n")}\n`;
    })
    .join("")}`,
});
const banners: readonly Case[] = [
  between("an address in brackets", () => "（www.example.com）"),
  between("最快更新", () => "最快更新雪夜书最新章节，请收藏本站www.example.com"),
  between("手机用户", () => "手机用户请访问m.example.com"),
  between("一秒记住", () => "一秒记住【某某小说网 www.example.com】，精彩小说无弹窗免费阅读！"),
  between("本章未完", () => "（本章未完，请翻页）"),
  between("-----", () => "----------------------------------------"),
  between("☆★", () => "☆★☆★☆★☆★☆★☆★"),
  between("快捷键", () => "(快捷键 ←)上一章 返回目录(快捷键 Enter) 下一章(快捷键 →)"),
  between("更新时间 above the text", (no) => `更新时间:2012-3-${no} 10:${10 + no}:00 本章字数:301${no}`, "above"),
  between("本章字数 above the text", (no) => `本章字数：30${no}2`, "above"),
  between("a site's mark that the reader may add a bookmark", () => "加入书签，方便阅读"),
  between("某某小说网首发", () => "本书首发于某某小说网 www.example.com，请支持正版"),
  between("TXT下载", () => "【某某TXT小说下载网：www.example.com】"),
];

export const siteCases: readonly Case[] = [...heads, ...banners];
