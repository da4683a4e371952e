import { expect, test } from "vitest";
import { parseFileName } from "../../src/library-import/txt/fileName.ts";
import { parseTxt } from "../../src/library-import/txt/parseTxt.ts";

test.each(
  `《灯下录》作者：林深
《灯下录》林深
灯下录-林深
灯下录_林深_起点
[灯下录／林深 著]
《灯下录》（校对版全本）作者：林深
灯下录 by 林深
灯下录BY林深
【完结】灯下录 作者：林深
灯下录[全本] 林深 著
林深-《灯下录》
林深 - 灯下录
《灯下录》全集 作者：林深【完结】
[林深]灯下录
灯下录 (林深) (Z-Library)
灯下录+番外 作者：林深
【BL】灯下录 作者：林深（完结）
灯下录【林深】
灯下录 林深著
『灯下录』作者：林深
灯下录，作者林深`.split("\n"),
)("the name of a file, %s, names title and author", (name) => {
  expect(parseFileName(name)).toEqual({ title: "灯下录", author: "林深", evidence: "named" });
});

test.each(
  `灯下录
灯下录（1-129）
灯下录 1-129
灯下录全集
灯下录 番外完
灯下录（出书版）
001_灯下录
灯下录@某某网
www.abc.com_灯下录
灯下录TXT下载
灯下录utf8
《灯下录》1-300完
灯下录 (1)
灯下录 - 副本
灯下录（全三册）
[奇幻]灯下录`.split("\n"),
)("the name of a file, %s, names a title alone", (name) => {
  expect(parseFileName(name)).toMatchObject({ title: "灯下录", author: undefined });
});

test.each([
  ["鲁迅全集", "鲁迅全集", undefined],
  ["《灯下录》（第一部）作者：林深", "灯下录（第一部）", "林深"],
  ["1984_乔治·奥威尔", "1984", "乔治·奥威尔"],
  ["T32a-灯下录", "T32a-灯下录", undefined],
  ["灯下录2", "灯下录2", undefined],
  ["《灯下录（拳手打天下）》作者：林深", "灯下录（拳手打天下）", "林深"],
  ["《灯下录（某某手打）》作者：林深", "灯下录", "林深"],
  ["《灯下录（手打版）》作者：林深", "灯下录", "林深"],
])("of %s the title is %s", (name, title, author) => {
  expect(parseFileName(name)).toMatchObject({ title, author });
});

test.each([
  "灯下录\n林深 著\n",
  "灯下录（全本） 作者：林深\n",
  "『灯下录/作者:林深』\n『状态:已完结』\n『内容简介：\n　　好书。』\n",
  "《灯下录》by林深\n",
  "Title: 灯下录\nAuthor: 林深\n",
  "【书名】灯下录\n【作者】林深\n",
  "书名:《灯下录》 作者:林深 字数:12万\n",
  "《灯下录（全三册）》\n[明] 林深 著\n",
  "灯 下 录\n\n林 深\n",
])("the first lines, %j, name title and author", (front) => {
  const book = parseTxt(`${front}\n第一章 风\n　　他走了。\n第二章 云\n　　他来了。\n`, "upload");
  expect({ title: book.title, author: book.author }).toEqual({ title: "灯下录", author: "林深" });
});

const intro = "一个雪夜，一本没有写完的书。";
test.each([
  `《灯下录》\n作者：林深\n内容简介：\n${intro}\n------章节内容开始-------\n`,
  `《灯下录》\n作者：林深\n内容简介：\n${intro}\n正文\n`,
  `《灯下录》\n作者：林深\n内容简介：\n　　${intro}\n\n☆★☆ 目录 ☆★☆\n`,
  `《灯下录》\n作者：林深\n簡介：\n${intro}\n=====用戶上傳之內容開始=====\n`,
  `『灯下录/作者:林深』\n『状态:已完结』\n『内容简介:\n　　${intro}\n』\n\n------章节内容开始-------\n`,
  `『灯下录/作者:林深』\n『内容简介:\n${intro}』\n------章节内容开始-------\n`,
  `作者:林深 书名:灯下录 字数:12万字 状态:完结 简介：${intro}\n`,
  `【作者】林深 【书名】灯下录 【文案】${intro}\n`,
  `文案：${intro} 小说名：灯下录 作者：林深\n`,
])("the introduction ends where the text or another field begins: %j", (front) => {
  const book = parseTxt(`${front}\n第一章 风\n　　他走了。\n第二章 云\n　　他来了。\n`, "upload");
  expect(book).toMatchObject({ title: "灯下录", author: "林深", intro });
  expect(book.chapters.map(({ title }) => title)).toEqual(["第一章 风", "第二章 云"]);
});
