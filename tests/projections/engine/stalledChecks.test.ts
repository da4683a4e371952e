import type { Worker } from "bullmq";
import { expect, test } from "vitest";
import type { Redis } from "../../../src/platform/redis.ts";
import type { BatchJson } from "../../../src/projections/engine/core/batch.ts";
import { checkWhileActive } from "../../../src/projections/engine/transport/stalledChecks.ts";

/** Workers of three queues on a Redis with these keys, and the requests to it. */
function world(active: readonly string[]) {
  const asked: string[][] = [];
  const checked: string[] = [];
  const exists = async (...keys: string[]) => {
    asked.push(keys);
    return keys.filter((key) => active.includes(key)).length;
  };
  const redis = { exists } as unknown as Redis;
  const workers = ["a", "b", "c"].map((queue) => {
    const backend = {
      async moveStalledJobsToWait() {
        checked.push(queue);
        return [`job of ${queue}`];
      },
    };
    checkWhileActive({ backend, toKey: (type: string) => `${queue}:${type}` } as unknown as Worker<BatchJson>, redis);
    return backend;
  });
  const checkAll = () => Promise.all(workers.map((backend) => backend.moveStalledJobsToWait()));
  return { asked, checked, checkAll };
}

test("queues at which nobody works are not checked, after the first time; one command asks for all", async () => {
  const { asked, checked, checkAll } = world([]);
  expect(await checkAll()).toEqual([["job of a"], ["job of b"], ["job of c"]]);
  expect(await checkAll()).toEqual([[], [], []]);
  expect(checked).toEqual(["a", "b", "c"]);
  expect(asked).toEqual([["a:active", "b:active", "c:active"]]);
});

test("queues at which somebody works are checked each time", async () => {
  const { checked, checkAll } = world(["b:active"]);
  await checkAll();
  expect(await checkAll()).toEqual([[], ["job of b"], []]);
  expect(await checkAll()).toEqual([[], ["job of b"], []]);
  expect(checked).toEqual(["a", "b", "c", "b", "b"]);
});
