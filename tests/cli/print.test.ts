import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { heedInterruption, print } from "../../src/cli/print.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const reason = new Error("interrupted");

/** An output whose reader is stalled. */
const standing = () => new Writable({ write() {} });

test("an interruption ends every print to its output that waits for the reader", async () => {
  const [output, interruption] = [standing(), new AbortController()];
  heedInterruption(output, interruption.signal);
  const printed = print(output, "text");
  interruption.abort(reason);
  await expect(printed).rejects.toBe(reason);
});

test("output after the interruption does not wait for a stalled reader", async () => {
  const output = standing();
  heedInterruption(output, AbortSignal.abort(reason));
  const printed = expect(print(output, "text")).rejects.toBe(reason);
  vi.runAllTimers();
  await printed;
});

test("a reader that reads gets also what is printed after the interruption", async () => {
  const taken: string[] = [];
  const output = new Writable({
    write(text, _encoding, done) {
      taken.push(`${text}`);
      setImmediate(done);
    },
  });
  heedInterruption(output, AbortSignal.abort(reason));
  for (const text of ["a", "b"]) await print(output, text);
  expect(taken).toEqual(["a", "b"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("an interruption is heard while an output takes everything at once", async () => {
  const output = new Writable({ write: (_text, _encoding, done) => done() });
  const interruption = new AbortController();
  heedInterruption(output, interruption.signal);
  setImmediate(() => interruption.abort(reason));
  const printAll = async () => {
    for (let line = 0; line < 100; line++) await print(output, "text");
  };
  await expect(printAll()).rejects.toBe(reason);
});
