import { expect, test } from "vitest";
import { bookId, chapterId } from "../../src/domain/ids.ts";
import { bookIdOf, newChapterIdOf, sha256, txtSource } from "../../src/library-import/ids.ts";

test("a TXT is the same book however its title and author are written", () => {
  const source = txtSource("红楼梦 ABC", "曹雪芹");
  expect(source).toEqual({ name: "txt", id: "红楼梦abc/曹雪芹" });
  expect(txtSource("《红楼梦　ＡＢＣ》", " 曹 雪芹 ")).toEqual(source);
  expect(bookIdOf(txtSource("红楼梦", "高鹗"))).not.toBe(bookIdOf(txtSource("红楼梦", "曹雪芹")));
});

test("ids do not change from one release to the next", () => {
  expect(bookIdOf({ name: "txt", id: "红楼梦/曹雪芹" })).toBe("rmhzzorxdfmy");
  expect(newChapterIdOf("abcdefghijkl", "0".repeat(64), 1)).toBe("nd6zhe6p7atp");
});

test("ids are valid and differ from chapter to chapter", () => {
  const ids = Array.from({ length: 2000 }, (_, index) => newChapterIdOf("abcdefghijkl", sha256("a"), index + 1));
  expect(new Set(ids).size).toBe(2000);
  for (const id of ids) expect(chapterId.safeParse(id).success).toBe(true);
  expect(bookId.safeParse(bookIdOf({ name: "txt", id: "a/b" })).success).toBe(true);
});

test("a hash is of the UTF-8 of the text", () => {
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(sha256("章")).toBe("7b5a5d75887b37172480a606336b7e0812858d6beae833e15552cfc0ed0f05dc");
});
