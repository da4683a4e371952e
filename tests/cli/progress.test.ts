import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startProgress } from "../../src/cli/progress.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("where there is no terminal, work is reported in a line every three seconds", () => {
  const stream = new PassThrough();
  const progress = startProgress("灯.txt", stream);
  for (let second = 1; second <= 7; second += 1) {
    vi.advanceTimersByTime(1_000);
    progress.update(second, 8);
  }
  progress.stop();
  expect(String(stream.read())).toBe("灯.txt: 37%\n灯.txt: 75%\n");
});

test("short work says nothing", () => {
  const stream = new PassThrough();
  const progress = startProgress("灯.txt", stream);
  progress.update(1, 1);
  progress.stop();
  expect(stream.read()).toBeNull();
});
