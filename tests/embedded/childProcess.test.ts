import { expect, onTestFinished, test, vi } from "vitest";
import { type Child, whenReady } from "../../embedded/childProcess.ts";

/** A process that does nothing of itself, on a clock that each probe puts forward by 40 s. */
function slowChild() {
  let now = 0;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  const told: string[] = [];
  const stopped: NodeJS.Signals[] = [];
  const child: Child = {
    ...{ pid: 1, told, exited: new Promise(() => {}), kill: () => {} },
    stop: async (signal) => void stopped.push(signal),
  };
  const pass = () => {
    now += 40_000;
  };
  return { child, told, stopped, pass };
}

test("a process that tells how far it is gets as long as it takes", async () => {
  const { child, told, stopped, pass } = slowChild();
  await whenReady("slow", child, "/none", 60_000, async () => {
    pass();
    return told.push(`opened ${told.length} of 9 files`) === 10;
  });
  expect(stopped).toEqual([]);
});

test("a process that tells no more is stopped, and what it told last is in the error", async () => {
  const { child, told, stopped, pass } = slowChild();
  const probe = async () => {
    pass();
    if (told.length < 3) told.push(`opened ${told.length} of 9 files`);
    return false;
  };
  await expect(whenReady("slow", child, "/none", 60_000, probe)).rejects.toThrow(
    "slow did not start (not ready: opened 2 of 9 files, and nothing for 60 s)",
  );
  expect(stopped).toEqual(["SIGKILL"]);
});
