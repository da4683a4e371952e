import fc from "fast-check";
import { expect, test } from "vitest";
import { normalise } from "../../../src/domain/searchText/normalise.ts";
import { spellingsOf } from "../../../src/domain/searchText/spellings.ts";
import { textPattern } from "../../../src/domain/searchText/textPattern.ts";

const hits = (query: string, text: string) =>
  [...text.matchAll(new RegExp(textPattern(query) ?? "(?!)", "gu"))].map(({ 0: found, index }) => `${index} ${found}`);

test("a text is searched as it is written, whatever the query's spelling", () => {
  const text = "寶玉看罷，因笑道：「這個妹妹我曾見過的。」宝玉又道…";
  for (const query of ["宝玉", "寶玉", "《宝玉》"]) expect(hits(query, text)).toEqual(["0 寶玉", "21 宝玉"]);
  expect(hits("看罢 因笑道", text)).toEqual(["2 看罷，因笑道"]);
  expect(hits("看罢因笑道", text)).toEqual([]);
  expect(hits("dna", "DNA、ＤＮＡ、dNa")).toEqual(["0 DNA", "4 ＤＮＡ", "8 dNa"]);
  expect(hits("c++", "C++ 与 c")).toEqual(["0 C++"]);
  expect(hits("𠮷野", "𠮷野家、吉野家")).toEqual(["0 𠮷野"]);
  expect(hits("乾坤", "乾坤、干坤")).toEqual(["0 乾坤", "3 干坤"]);
});

test("invisible characters do not keep a text from being found", () => {
  expect(hits("葛城风云", "葛\u{e0104}城风\ufe0f\u200b云")).toEqual(["0 葛\u{e0104}城风\ufe0f\u200b云"]);
  expect(hits("葛\ufe00城", "葛城")).toEqual(["0 葛城"]);
});

test("a query of punctuation alone has nothing to search for", () => {
  expect(["", " ", "《》", "……"].map(textPattern)).toEqual([undefined, undefined, undefined, undefined]);
});

test("characters of expressions stand for themselves", () => {
  expect(hits("#", "a#b.c")).toEqual(["1 #"]);
  expect(hits("a+", "aa+")).toEqual(["1 a+"]);
});

test("every spelling of a character is found by any other of them", () => {
  const characters = "干着里后发云只台面万与马国气龙她了".split("");
  fc.assert(
    fc.property(fc.constantFrom(...characters), fc.constantFrom(...characters), (one, other) => {
      for (const written of spellingsOf(one)) {
        for (const asked of spellingsOf(one)) expect(hits(asked + other, `${written}${other}`)).toHaveLength(1);
      }
    }),
  );
  expect(spellingsOf("干")).toEqual(expect.arrayContaining(["乾", "干", "幹"]));
});

test.each([
  "投胎入世──趁此机会",
  "夏洛克•福尔摩斯",
  "约翰・华生",
  "Ⅲ号楼",
  "①层",
  "37℃",
  "A/B测试",
  "姓名=张三",
  "系统]提示",
  "日本㈱㈲东京",
  "第①⑫㍿章",
  "完了。\n\n　　＊＊＊＊＊＊＊＊\n\n　　第二天",
  "cafe\u0301",
  "ﬁn",
  "1~2",
  "ﾊﾟﾘ",
  "他说\u200b好",
])("what is copied from a text is found in it: %s", (text) => {
  const around = `前面的字${text}后面的字`;
  expect(hits(text, around)).toEqual([`4 ${text}`]);
});

test.each([
  ["III号楼", "Ⅲ号楼"],
  ["1层", "①层"],
  ["夏洛克 福尔摩斯", "夏洛克•福尔摩斯"],
  ["37°C", "37℃"],
  ["2012年12月", "2012年㋋"],
  ["fin", "ﬁn"],
  ["café", "CAFE\u0301"],
  ["㈱ 东京", "株)东京"],
])("what is typed as %s is found as %s", (query, text) => {
  expect(hits(query, text)).toEqual([`0 ${text}`]);
});

test("every part of a text is found in it, unless it has nothing to search for", () => {
  const odd = "Ⅲⅷ①⑫㍿㈱㈲℃℉ﬁ㎏㋋ＡÀéｶﾞ…──•・/=[]^-\\+#　\u200b\u00a0·´¨ıßẞİςﷺ🀀𝐀😀";
  const character = fc.oneof(
    fc.constantFrom(...odd, "e\u0301", "が".normalize("NFD"), "葛\u{e0104}", "1\u20e3", "q\u0323\u0301", "\r\n"),
    fc.constantFrom(..."天地玄黃宇宙洪荒乾坤123iIvVxXcC"),
    fc.integer({ min: 0x20, max: 0x1ffff }).map((code) => String.fromCodePoint(code)),
  );
  const assigned = character.filter((one) => !/^[\p{Cn}\p{Cs}\p{M}]$/u.test(one));
  fc.assert(
    fc.property(fc.array(assigned, { maxLength: 12 }), fc.nat(12), fc.nat(12), (text, one, other) => {
      const part = text.slice(Math.min(one, other), Math.max(one, other)).join("");
      fc.pre(normalise(part) !== "");
      expect(hits(part, text.join(""))).not.toEqual([]);
    }),
    { numRuns: 500 },
  );
});
