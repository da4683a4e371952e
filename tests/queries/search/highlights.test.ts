import fc from "fast-check";
import { expect, it, vi } from "vitest";
import type { Pool } from "../../../src/platform/postgres.ts";
import { highlighterOf } from "../../../src/queries/search/highlights.ts";
import { shownBooks } from "../../../src/queries/search/shownBooks.ts";

const book = { title: "《鬥破蒼穹》外傳", author: "天蚕土豆", intro: "" };

it("marks words in the book's own spelling", () => {
  expect(highlighterOf("斗破 土豆")(book)).toEqual({
    title: { text: book.title, marks: [[1, 3]] },
    author: { text: book.author, marks: [[2, 4]] },
  });
});

it("marks pairs of characters where the whole is not there, and joins marks that meet", () => {
  expect(highlighterOf("斗破仓穹外传")(book).title?.marks).toEqual([
    [1, 3],
    [6, 8],
  ]);
  expect(highlighterOf("鬥破蒼 蒼穹")(book).title?.marks).toEqual([[1, 5]]);
});

it("shows the part of an intro around the first mark, no half of a character", () => {
  const intro = `${"长".repeat(50)}😀${"短".repeat(18)}斗气${"长".repeat(200)}斗气`;
  const { text = "", marks = [] } = highlighterOf("斗气")({ title: "", author: "", intro }).intro ?? {};
  expect(marks).toHaveLength(1);
  expect(text.slice(...(marks[0] ?? [0, 0]))).toBe("斗气");
  expect(text.isWellFormed()).toBe(true);
  expect(text.length).toBeLessThanOrEqual(101);
});

it("marks in an intro what it marks in a whole text, as far as it is shown", () => {
  const part = fc.constantFrom("斗", "鬥", "破", "的", "，", "《", "㍿", "\ufdfa", "😀", "\ufe0f", "a");
  const written = (maxLength: number) => fc.array(part, { minLength: 1, maxLength }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(written(5), written(300), (typed, text) => {
      const { title, intro } = highlighterOf(typed)({ title: text, author: "", intro: text });
      const from =
        title === undefined ? 0 : text.indexOf(intro?.text ?? "", Math.max(0, (title.marks[0]?.[0] ?? 0) - 21));
      const until = from + (intro?.text.length ?? 0);
      const shown = title?.marks.filter(([start]) => start < until);
      expect(intro?.marks).toEqual(shown?.map(([start, end]) => [start - from, Math.min(end, until) - from]));
    }),
  );
});

it("gives way to other work between the books of a page", async () => {
  const rows = Array.from({ length: 5 }, (_, number) => ({ ...book, book_id: String(number), json: "{}" }));
  let turns = 0;
  const turn = () => {
    turns++;
    handle = setImmediate(turn);
  };
  let handle = setImmediate(turn);
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => (now += 1_000));
  try {
    await shownBooks({ query: async () => ({ rows }) } as unknown as Pool, "斗破", ["0"]);
  } finally {
    clock.mockRestore();
    clearImmediate(handle);
  }
  expect(turns).toBeGreaterThanOrEqual(rows.length);
});

it.each([
  ["的", "的 ".repeat(50)],
  ["斗破", "斗破 ".repeat(33)],
  // Marked by its pairs.
  ["破斗破斗", "破斗".repeat(50)],
])("looks for %s once, however often it was typed", (once, often) => {
  const intro = "鬥破蒼穹的的斗的".repeat(5);
  const looks = (typed: string) => {
    const indexOf = vi.spyOn(String.prototype, "indexOf");
    try {
      highlighterOf(typed)({ title: "", author: "", intro });
      return indexOf.mock.calls.length;
    } finally {
      indexOf.mockRestore();
    }
  };
  expect(looks(often)).toBe(looks(once));
});

it("marks nothing where nothing is", () => {
  expect(highlighterOf("dpcq")(book)).toEqual({});
  expect(highlighterOf("！")(book)).toEqual({});
});
