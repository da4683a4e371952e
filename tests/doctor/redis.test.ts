import { expect, test } from "vitest";
import { findingOf } from "../../src/doctor/redis.ts";

const good = {
  redis_version: "7.4.1",
  role: "master",
  loading: "0",
  maxmemory_policy: "noeviction",
  aof_enabled: "1",
  aof_last_write_status: "ok",
  rdb_last_bgsave_status: "ok",
};

const judged = (changed: Partial<Record<keyof typeof good, string>>) =>
  findingOf("redis:6379", new Map(Object.entries({ ...good, ...changed })));

test("a Redis with an append-only file that evicts nothing is ok", () => {
  expect(judged({})).toEqual({ status: "ok", message: "redis:6379, version 7.4.1, noeviction, append-only file" });
});

test.each([
  [{ redis_version: "6.2.14" }, "too old"],
  [{ maxmemory_policy: "allkeys-lru" }, "maxmemory-policy is allkeys-lru"],
  [{ loading: "1" }, "still loading"],
  [{ role: "slave" }, "replica"],
  [{ aof_last_write_status: "err" }, "last write"],
  [{ rdb_last_bgsave_status: "err" }, "last write"],
])("%o fails", (changed, problem) => {
  expect(judged(changed)).toMatchObject({ status: "failed", message: expect.stringContaining(problem) });
});

test("a Redis that writes nothing down works, with a warning", () => {
  expect(judged({ aof_enabled: "0" })).toMatchObject({
    status: "warning",
    hint: expect.stringContaining("appendonly"),
  });
});
