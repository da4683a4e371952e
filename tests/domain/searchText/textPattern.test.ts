import fc from "fast-check";
import { expect, test } from "vitest";
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

test("what nobody sees keeps no text from being found", () => {
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
