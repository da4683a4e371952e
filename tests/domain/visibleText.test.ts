import { expect, test } from "vitest";
import { isOneLine, isVisible } from "../../src/domain/visibleText.ts";

/** All characters that Unicode calls invisible, and what it calls visible that has no glyph. */
const ignorable = (() => {
  const found: string[] = [];
  for (let point = 0; point <= 0x10ffff; point += 1) {
    const character = String.fromCodePoint(point);
    if (/[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\p{Cs}]/u.test(character)) found.push(character);
  }
  return found;
})();
const blank = ["\u2800", "\u3164", "\uffa0", "\u115f", "\u1160", "\u{1d159}", "\u{13441}", "\u{16fe4}", "\ufffc"];

test("no name of characters that Unicode hides, or that look like nothing, can be seen", () => {
  expect(ignorable.length).toBeGreaterThan(4_000);
  expect([...ignorable, ...blank].filter(isVisible)).toEqual([]);
  // Adjacent halves would form a pair.
  const whole = ignorable.filter((character) => character.isWellFormed());
  expect(isVisible([...whole, ...blank].join(""))).toBe(false);
});

test.each(["夜", "a", "7", "·", "📚", "👩\u200d💻", "\u3164夜", "नि", "\u{e000}", "𠮷"])("%s can be seen", (name) => {
  expect(isVisible(name)).toBe(true);
});

test("a name is one line that reads in the direction of its letters", () => {
  expect(["a b", "夜\u3000读", "\u200b"].every(isOneLine)).toBe(true);
  for (const name of ["a\nb", "a\0", "\u2028", "\u2029", "\ud800", "\u202e", "\u2066", "\u0085"]) {
    expect(isOneLine(name)).toBe(false);
  }
});
