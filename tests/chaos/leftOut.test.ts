import { expect, test } from "vitest";
import { leftOut } from "./faults.ts";

test("what others run is neither killed nor frozen, and the run says which setting would let it", () => {
  const stack = { foreign: ["eventstore", "postgres"] } as const;
  expect(leftOut({ atMs: 0, kind: "kill", victim: "eventstore" }, stack)).toBe(
    "LEFT OUT: kill -9 eventstore, which is given without EVENTSTORE_START_COMMAND",
  );
  expect(leftOut({ atMs: 0, kind: "freeze postgres", forMs: 1 }, stack)).toContain("POSTGRES_START_COMMAND");
  expect(leftOut({ atMs: 0, kind: "kill", victim: "redis" }, stack)).toBeUndefined();
  expect(leftOut({ atMs: 0, kind: "kill", victim: "api" }, stack)).toBeUndefined();
  expect(leftOut({ atMs: 0, kind: "flushall" }, stack)).toBeUndefined();
});
