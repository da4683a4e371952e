import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type DoFault, type FaultContext, insist, NotAvailable } from "./fault.ts";

const program = fileURLToPath(new URL("../../../bin/heima.js", import.meta.url));

/** Time for which an operator repeats a command that a fault interrupted: an abandoned one stays half done. */
export const operatorPatienceMs = 300_000;

/** Longer than the time-outs of all commands here. */
const commandPatienceMs = 150_000;

/** Runs `heima …` as an operator does; rejects with what it printed. */
export async function heima({ world }: FaultContext, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, ...world.environment };
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    env,
    timeout: commandPatienceMs,
  });
  return stdout;
}

/** An operator retries the parked key of a poisoned reader, or skips its first bad event. */
const withParked =
  (
    command: "retry" | "skip",
    argumentsFor: (parked: { eventId: string; readerId: string }) => readonly string[],
  ): DoFault =>
  async (context) => {
    const { random, poisoned } = context;
    const [parked] = random.shuffle(poisoned);
    if (parked === undefined) throw new NotAvailable("nothing was parked before");
    await insist(
      () =>
        heima(context, "projections", command, "shelf", ...argumentsFor(parked)).catch((error: Error) => {
          // A poison event remains one, or may have been skipped: a retry reports that with exit code 1.
          if (command !== "retry" || !/stay parked|nothing is parked/.test(error.message)) throw error;
        }),
      operatorPatienceMs,
    );
    return `heima projections ${command} shelf, key ${parked.readerId}`;
  };

export const parkedRetry = withParked("retry", ({ readerId }) => ["--key", readerId]);
export const parkedSkip = withParked("skip", ({ eventId }) => ["--event", eventId, "--reason", "chaos"]);
