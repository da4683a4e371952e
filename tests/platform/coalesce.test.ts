import { expect, test } from "vitest";
import { coalesce } from "../../src/platform/coalesce.ts";

test("what is asked in one turn is asked together, in order; what is asked later, later", async () => {
  const asked: (readonly number[])[] = [];
  const ask = coalesce(async (questions: readonly number[]) => {
    asked.push(questions);
    return questions.map((question) => question * 10);
  });
  expect(await Promise.all([ask(1), Promise.resolve().then(() => ask(2)), ask(3)])).toEqual([10, 20, 30]);
  expect(await ask(4)).toBe(40);
  expect(asked).toEqual([[1, 3, 2], [4]]);
});

test("all are rejected by what fails, or answers something else than was asked; the next are not", async () => {
  const answers = [() => Promise.reject(new Error("away")), async () => [1], async () => [7]];
  const ask = coalesce<string, number>(() => (answers.shift() as () => Promise<number[]>)());
  const failed = (results: PromiseSettledResult<number>[]) =>
    results.map((result) => result.status === "rejected" && (result.reason as Error).message);
  expect(failed(await Promise.allSettled([ask("a"), ask("b")]))).toEqual(["away", "away"]);
  expect(failed(await Promise.allSettled([ask("a"), ask("b")]))).toEqual(Array(2).fill("2 questions got 1 answers"));
  expect(await ask("c")).toBe(7);
});
