import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchErasedReaders } from "../../src/auth/erasure/erasedReaders.ts";
import { createLogger } from "../../src/platform/logger.ts";
import type { Pool } from "../../src/platform/postgres.ts";
import type { Redis } from "../../src/platform/redis.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("polls do not overlap, so their answers come in order", async () => {
  const answers: ((readers: readonly string[]) => void)[] = [];
  const query = () =>
    new Promise((resolve) => {
      answers.push((readers) => resolve({ rows: readers.map((reader_id) => ({ reader_id })) }));
    });
  const redis = Object.assign(new EventEmitter(), { subscribe: async () => 1 }) as unknown as Redis;
  const erased = watchErasedReaders({
    pool: { query } as unknown as Pool,
    redis,
    subscriber: redis,
    forget: () => {},
    logger: createLogger("test", "silent"),
  });
  await vi.advanceTimersByTimeAsync(3_000);
  // Answers of polls that ran at the same time could come in any order.
  expect(answers).toHaveLength(1);
  answers[0]?.([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(erased.has("lin")).toBe(false);
  answers[1]?.(["lin"]);
  await vi.advanceTimersByTimeAsync(0);
  expect(erased.has("lin")).toBe(true);
  erased.close();
});
