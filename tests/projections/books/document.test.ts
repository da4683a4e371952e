import { expect, it } from "vitest";
import { type BookRow, bookDocument } from "../../../src/projections/books/document.ts";
import { booksIndex } from "../../../src/projections/books/index.ts";

const row: BookRow = {
  book_id: "b1",
  title: "《鬥破蒼穹》（全本）",
  author: "天蚕土豆",
  intro: "這裏是鬥氣的世界。",
  channel: "male",
  category: "玄幻",
  category_id: "c1",
  sub_category: null,
  sub_category_id: null,
  status: "finished",
  words: 5_300_000n,
  updated_at: new Date("2026-01-02T03:04:05Z"),
  withdrawn_at: null,
};
const numbers = { heat: 1.5, shelves: 2, asOf: new Date("2026-02-03T00:00:00Z") };

it("makes a document that is searched by title, author, pinyin and near names", () => {
  expect(bookDocument(row, numbers)).toMatchObject({
    bookId: "b1",
    title: "斗破苍穹 全本",
    intro: "这里是斗气的世界",
    titleKey: "斗破苍穹全本",
    aliasKeys: ["斗破苍穹"],
    bothKeys: expect.arrayContaining(["天蚕土豆斗破苍穹", "斗破苍穹天蚕土豆"]),
    nearKeys: expect.arrayContaining(["斗破苍穹全"]),
    pinyin: {
      titleSyllables: expect.arrayContaining(["^ dou. po. cang. qiong. quan. ben. $"]),
      aliases: expect.arrayContaining(["doupocangqiong"]),
      authorInitials: expect.arrayContaining(["tctd"]),
    },
    category: "玄幻",
    words: 5_300_000,
    heat: 1.5,
    visible: true,
    shown: { title: "《鬥破蒼穹》（全本）", author: "天蚕土豆" },
  });
});

it("hides a withdrawn book", () => {
  expect(bookDocument({ ...row, withdrawn_at: new Date() }, numbers).visible).toBe(false);
});

it("has the fields of the index, and no others", () => {
  const { pinyin, ...rest } = bookDocument(row, numbers);
  const { pinyin: pinyinFields, ...fields } = booksIndex.mappings.properties;
  expect(Object.keys(rest).sort()).toEqual(Object.keys(fields).sort());
  expect(Object.keys(pinyin).sort()).toEqual(Object.keys(pinyinFields.properties).sort());
});
