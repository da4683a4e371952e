import { expect, test } from "vitest";
import { leftOut } from "./faults/commit.ts";

test("what others run is neither killed nor stopped, and the run says which setting would let it", () => {
  const world = { foreign: ["eventstore", "postgres", "elasticsearch"] };
  expect(leftOut({ kind: "kill-eventstore" }, world)).toContain("EVENTSTORE_START_COMMAND");
  expect(leftOut({ kind: "postgres-stopped" }, world)).toContain("POSTGRES_START_COMMAND");
  expect(leftOut({ kind: "kill-elasticsearch" }, world)).toContain("ELASTICSEARCH_START_COMMAND");
  expect(leftOut({ kind: "elasticsearch-busy" }, world)).toBeUndefined();
  expect(leftOut({ kind: "kill-redis" }, world)).toBeUndefined();
  expect(leftOut({ kind: "kill-api" }, world)).toBeUndefined();
  expect(leftOut({ kind: "flushall" }, world)).toBeUndefined();
});
