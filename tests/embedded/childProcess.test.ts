import { expect, onTestFinished, test, vi } from "vitest";
import { type Child, whenReady } from "../../embedded/childProcess.ts";

/** A process that does nothing on its own, with a clock that stands still until it is advanced. */
function slowChild() {
  let now = 0;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  const messages: string[] = [];
  const stopped: NodeJS.Signals[] = [];
  const child: Child = {
    pid: 1,
    messages,
    exited: new Promise(() => {}),
    kill: () => {},
    stop: async (signal) => void stopped.push(signal),
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { child, messages, stopped, pass };
}

test("a process that tells how far it is gets as long as it takes", async () => {
  const { child, messages, stopped, pass } = slowChild();
  let probes = 0;
  await whenReady("slow", child, "/none", 3_000, async () => {
    pass(900);
    if (++probes % 3 === 0) messages.push(`opened ${probes / 3} of 5 files`);
    return messages.length === 5;
  });
  expect(stopped).toEqual([]);
});

test("a process that reports no progress is stopped, and its last message is in the error", async () => {
  const { child, messages, stopped, pass } = slowChild();
  const probe = async () => {
    pass(900);
    if (messages.length < 2) messages.push(`opened ${messages.length + 1} of 5 files`);
    return false;
  };
  await expect(whenReady("slow", child, "/none", 3_000, probe)).rejects.toThrow(
    "slow did not start (not ready: opened 2 of 5 files, and nothing for 3 s)",
  );
  expect(stopped).toEqual(["SIGKILL"]);
});

test("the sleep of a machine does not count", async () => {
  const { child, stopped, pass } = slowChild();
  let probes = 0;
  await whenReady("slow", child, "/none", 3_000, async () => {
    pass(++probes === 1 ? 3_600_000 : 20);
    return probes === 3;
  });
  expect(stopped).toEqual([]);
});
