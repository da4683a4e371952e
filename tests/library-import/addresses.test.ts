import { describe, expect, test } from "vitest";
import { parseFileName } from "../../src/library-import/txt/fileName.ts";
import { withoutOrnaments } from "../../src/library-import/txt/forms/ornaments.ts";
import { parseTxt } from "../../src/library-import/txt/parseTxt.ts";

describe("addresses of sites are taken off names whole, and nothing else", () => {
  test.each([
    "第三章 遇见Jim.Green",
    "第三章 真T.M.D",
    "第三章 固态M.2",
    "第三章 com.example.app",
    "第三章 P.M.P",
    "第三章 升级到m.2.0",
    "第三章 Remember.Me",
    "第三章 他说（看 hello.com 的人）",
    "第三章 team.work",
  ])("the heading %s", (title) => {
    expect(withoutOrnaments(title).title).toBe(title);
  });

  test.each(
    `起风【某网www.abc.com】
起风（手打吧 www.abc.com）
起风 (www.abc.com)
起风【abc.net】
起风www.abc.com
起风-www.abc.com
起风 http://www.abc.com.cn/book/12.html
起风 https://abc.top
起风 m.abc.com
起风wap.abc.cc
起风_WWW.ABC.COM
起风 （手机请看m.abc.com）`.split("\n"),
  )("the site's address behind the heading 第三章 %s", (title) => {
    expect(withoutOrnaments(`第三章 ${title}`).title).toBe("第三章 起风");
  });

  test.each([
    "Dr.Landau",
    "Hello.Mechanic",
    "Remember.Me 记得我",
    "remember.me 记得我",
    "ASP.NET编程",
    "Mr.Meeseeks",
    "S.A.Z.A",
    "St.Cnut",
  ])("the name of a book, %s", (title) => {
    expect(parseFileName(title).title).toBe(title);
    const front = `书名：${title}\n作者：林深\n\n第一章 风\n　　他走了。\n第二章 云\n　　他来了。\n`;
    expect(parseTxt(front, "upload").title).toBe(title);
  });

  test.each(
    `灯下录（www.abc.com）
灯下录【abc.la】
灯下录（手打吧 www.abc.com）
www.abc.com_灯下录
灯下录_abc.com
灯下录 m.abc.com.cn
[某某书库www.abc.com]灯下录
灯下录http://abc.net/12`.split("\n"),
  )("the address in the name of a book, %s", (name) => {
    expect(parseFileName(name).title).toBe("灯下录");
  });
});
