import { expect, test } from "vitest";
import type { ScavengeOptions } from "../../src/commands/operations/runScavenge.ts";
import { runWith } from "./fixtures.ts";

const report = { marker: 12345678901234567890n, scavengeId: "s1", result: "Success" };

test("scavenge says what was done, in words or as JSON", async () => {
  const scavenge = async (options: ScavengeOptions) => {
    options.onProgress({ doing: "waiting", passed: 1, partitions: 2, obstacles: [] });
    options.onProgress({ doing: "running", id: "s1" });
    options.onProgress({ doing: "running", id: "s1" });
    return report;
  };
  const inWords = await runWith(["scavenge"], { scavenge });
  expect(inWords.code).toBe(0);
  expect(inWords.stdout).toMatch(/^Scavenged in [\d.]+ s \(s1\); the marker is at 12345678901234567890\.\n$/);
  expect(inWords.stderr).toBe("the event store scavenges (s1)\n");
  const asJson = JSON.parse((await runWith(["scavenge", "--json"], { scavenge })).stdout);
  expect(asJson).toEqual({
    marker: "12345678901234567890",
    scavengeId: "s1",
    result: "Success",
    seconds: expect.any(Number),
  });
});

test("scavenge names the builds that it waits for: at once if a store does not answer, else when they do not pass soon", async () => {
  const slow = { build: "shelf_v1_b1", hint: "see why" };
  const away = { build: "books_v2_b1", message: "connect ECONNREFUSED", hint: "start it", unreachable: true } as const;
  const looked: string[] = [];
  const { stderr } = await runWith(["scavenge"], {
    scavenge: async ({ onProgress }) => {
      for (let look = 1; look <= 100; look++) {
        const passing = { build: `library_v1_b${look}`, message: "late", hint: "wait" };
        const obstacles = [{ ...slow, message: `at ${look}` }, passing, ...(look >= 50 ? [away] : [])];
        onProgress({ doing: "waiting", passed: 0, partitions: 0, obstacles });
        looked.push(`${look}`);
      }
      return report;
    },
  });
  expect(looked).toHaveLength(100);
  expect(stderr.split("\n")).toEqual([
    expect.stringContaining("Ctrl-C is safe"),
    "it waits for shelf_v1_b1: at 10",
    "    → see why",
    "it waits for books_v2_b1: connect ECONNREFUSED",
    "    → start it",
    "",
  ]);
});

test("scavenge without a build has nothing to show progress of", async () => {
  const scavenge = async ({ onProgress }: ScavengeOptions) => {
    onProgress({ doing: "waiting", passed: 0, partitions: 0, obstacles: [] });
    return report;
  };
  expect(await runWith(["scavenge"], { scavenge })).toMatchObject({ code: 0, stderr: "" });
});

test("the options come through, and what it fails with is the message of exit code 1", async () => {
  const asked: ScavengeOptions[] = [];
  const scavenge = async (options: ScavengeOptions) => {
    asked.push(options);
    throw new Error("held up");
  };
  const failed = await runWith(["scavenge", "--force", "--by", "li"], { scavenge });
  expect(failed).toMatchObject({ code: 1, stdout: "", stderr: "heima: held up\n" });
  expect(asked).toMatchObject([{ force: true, begunBy: "li" }]);
});

/** Waits like a delayed scavenge. */
const untilGivenUp = ({ giveUp }: ScavengeOptions) =>
  new Promise<never>((_, reject) => {
    giveUp.addEventListener("abort", () => reject(new Error(`${giveUp.reason}, held up`)));
  });

test("a time-out and an interruption give it up", async () => {
  const late = await runWith(["scavenge", "--timeout", "0.05"], { scavenge: untilGivenUp });
  expect(late).toMatchObject({ code: 1, stderr: "heima: given up after 0.05 s, held up\n" });
  const controller = new AbortController();
  const interrupted = runWith(["scavenge"], { scavenge: untilGivenUp, interruption: () => controller.signal });
  controller.abort();
  expect(await interrupted).toMatchObject({ code: 1, stderr: "heima: interrupted, held up\n" });
});

test.each([[["--timeout", "soon"]], [["--timeout", "0"]], [["--by", ""]], [["extra"]], [["--nonsense"]]])(
  "scavenge %s is a wrong command line",
  async (args) => {
    expect((await runWith(["scavenge", ...args])).code).toBe(2);
  },
);

test("its help names every option", async () => {
  const { code, stdout } = await runWith(["scavenge", "--help"]);
  expect(code).toBe(0);
  for (const option of ["--timeout", "--by", "--force", "--json", "Examples:"]) expect(stdout).toContain(option);
});
