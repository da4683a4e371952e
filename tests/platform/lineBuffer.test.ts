import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLineBuffer, flushLines } from "../../src/platform/lineBuffer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function gathering() {
  const written: [text: string, lines: number][] = [];
  return { written, buffer: createLineBuffer((text, lines) => written.push([text, lines])) };
}

test("the first line in a while is written at once, those that follow together after a second", () => {
  const { written, buffer } = gathering();
  buffer.write("a\n", false);
  expect(written).toEqual([["a\n", 1]]);
  for (const line of ["b\n", "c\n"]) buffer.write(line, false);
  vi.advanceTimersByTime(999);
  expect(written).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(written.slice(1)).toEqual([["b\nc\n", 2]]);
});

test("an urgent line, and a full buffer, take what was gathered with them", () => {
  const { written, buffer } = gathering();
  buffer.write("a\n", false);
  buffer.write("b\n", false);
  buffer.write("bad\n", true);
  buffer.write("x".repeat(16_384), false);
  expect(written.map(([, lines]) => lines)).toEqual([1, 2, 1]);
  expect(written[1]).toEqual(["b\nbad\n", 2]);
});

test("a process that exits has written all", () => {
  const { written, buffer } = gathering();
  buffer.write("a\n", false);
  buffer.write("b\n", false);
  expect(process.listeners("exit")).toContain(flushLines);
  flushLines();
  flushLines();
  expect(written).toEqual([
    ["a\n", 1],
    ["b\n", 1],
  ]);
});
