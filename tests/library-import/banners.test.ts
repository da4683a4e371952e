import { describe, expect, test } from "vitest";
import { parseTxt } from "../../src/library-import/txt/parseTxt.ts";
import { prose, range, titleOf, zh } from "./kinds/prose.ts";

/** A novel of eight chapters with lines put into some of them, and a line above or below all. */
function textsOf(put: ReadonlyMap<number, string>, { head = "", tail = "" } = {}): readonly string[] {
  const chapters = range(8).map((no) => {
    const [first, ...others] = prose(no * 37, 600);
    const line = put.get(no);
    return [`第${zh(no)}章 ${titleOf(no)}`, first, ...(line === undefined ? [] : [line]), ...others].join("\n　　");
  });
  const { chapters: parsed } = parseTxt(
    `${head}\n《雪夜书》\n作者：林深\n\n${chapters.join("\n\n")}\n${tail}`,
    "download",
  );
  return parsed.map(({ text }) => text);
}
const kept = (line: string, put: ReadonlyMap<number, string>, ends = {}) =>
  textsOf(put, ends).some((text) => text.includes(line));

describe("a sentence of the story stays, though it has words of download sites", () => {
  test.each(
    `这部小说由北方文艺出版社首发，印了三万册。
广播响起：本站永久关闭，请各位乘客换乘。
手机屏幕上写着：此消息将在24小时内自动删除。
本书由先祖收集整理，传至今日已有三百年。
网友上传的内容开始发酵，整座城都在谈论。
手机用户请注意，这里信号不好。
系统：您下载的技能来自上古。
林晚点开手机，小说下载网站的广告跳了出来。
【本书由魔族长老制作，封印千年。】
一秒记住了那个号码。
本章未完，众人散去。
林晚从上一页翻到下一页。
这份资料仅供内部学习，请勿分享。
這部小說由北方文藝出版社首發，印了三萬冊。`.split("\n"),
  )("%s", (line) => {
    expect(kept(line, new Map([[4, line]]))).toBe(true);
    expect(kept(line, new Map([[8, line]]))).toBe(true);
  });
});

describe("an advertisement goes", () => {
  test.each(
    `手机用户请访问m.example.com
一秒记住【某某小说网】，精彩小说无弹窗免费阅读！
本书由【某某】整理，请于下载后24小时内删除
最快更新某某章节，请记住本站
（本章未完，请翻页）
更新时间:2012-3-1 10:00:00 本章字数:3012
上一章 返回目录 下一章
本书由某某提供，版权归原作者所有`.split("\n"),
  )("by an address, a site's name, a second phrase or its form: %s", (line) => {
    expect(kept(line, new Map([[4, line]]))).toBe(false);
  });

  test("by its repetition, whatever its numbers", () => {
    const line = (no: number) => `手机用户请看第${zh(no)}页`;
    const put = new Map(range(8).map((no) => [no, line(no)]));
    expect(kept("手机用户请看", put)).toBe(false);
    expect(kept("手机用户请看", new Map([...put].slice(0, 2)))).toBe(true);
  });

  test("by its place at the head or the tail of the file", () => {
    const line = "本书由某某整理上传";
    expect(kept(line, new Map(), { head: line })).toBe(false);
    expect(kept(line, new Map(), { tail: line })).toBe(false);
    expect(kept(line, new Map([[4, line]]))).toBe(true);
  });
});

describe("a site's mark above the first heading ends an introduction, and is no text", () => {
  const mark = (what: string) => `==========用户上传之内容${what}==========`;
  const told = "这是作者写的一段话，讲的是成书的缘由，不是字段。";
  const chapter = ["第一章 风起", ...prose(37, 600)].join("\n");

  test("below a preface", () => {
    const { chapters } = parseTxt(`《灯下录》\n作者：林深\n${told}\n${mark("开始")}\n${chapter}`, "download");
    expect(chapters.map(({ title, text }) => [title, text.includes("上传之内容")])).toEqual([
      ["前言", false],
      ["第一章 风起", false],
    ]);
    expect(chapters[0]!.text).toBe(told);
  });

  test("below an introduction", () => {
    const { intro, chapters } = parseTxt(
      `《灯下录》\n作者：林深\n简介：\n${told}\n${mark("开始")}\n${told}\n${chapter}`,
      "download",
    );
    expect(intro).toBe(told);
    expect(chapters[0]).toMatchObject({ title: "前言", text: told });
  });

  test("in a file without headings", () => {
    const part = [mark("开始"), ...prose(37, 6_000), mark("结束")].join("\n");
    const { chapters, account } = parseTxt(`《灯下录》\n作者：林深\n\n${`${part}\n`.repeat(3)}`, "download");
    expect(chapters.map(({ text }) => text).join("\n")).not.toContain("上传之内容");
    expect(account?.kept).toBe(account?.read);
  });
});
