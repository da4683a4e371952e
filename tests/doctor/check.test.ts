import { expect, test } from "vitest";
import { runChecks } from "../../src/doctor/check.ts";
import { nodeCheck } from "../../src/doctor/node.ts";

test("a check that throws, one that hangs and one that is well stand beside each other, in order", async () => {
  let aborted = false;
  const results = await runChecks(
    [
      { name: "hangs", run: (signal) => new Promise(() => signal.addEventListener("abort", () => (aborted = true))) },
      {
        name: "throws",
        run: () => {
          throw new Error("broken\n  in two lines", { cause: new Error("by this") });
        },
      },
      { name: "well", run: async () => ({ status: "ok", message: "well" }) },
      { name: "after well", needs: ["well"], run: async () => ({ status: "ok", message: "well too" }) },
      { name: "after hangs", needs: ["well", "hangs"], run: async () => ({ status: "ok", message: "never" }) },
    ],
    50,
  );
  expect(results.map(({ name, status, message }) => [name, status, message])).toEqual([
    ["hangs", "failed", "no answer in 0.05 s"],
    ["throws", "failed", "broken in two lines: by this"],
    ["well", "ok", "well"],
    ["after well", "ok", "well too"],
    ["after hangs", "skipped", "not checked: hangs must pass first"],
  ]);
  expect(aborted).toBe(true);
});

test.each([
  ["20.19.0", "ok"],
  ["22.1.0", "ok"],
  ["20.18.3", "failed"],
  ["18.20.4", "failed"],
])("Node %s is %s", async (version, status) => {
  expect(await nodeCheck(version).run(AbortSignal.timeout(100))).toMatchObject({ status, message: version });
});
