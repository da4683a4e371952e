import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type DoFault, type FaultContext, insist, NotAvailable } from "./fault.ts";

const program = fileURLToPath(new URL("../../../bin/heima.js", import.meta.url));

/** Runs `heima …` as an operator does; rejects with what it printed. */
async function heima({ world }: FaultContext, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, ...world.environment };
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { env, timeout: 60_000 });
  return stdout;
}

/** Whether `heima` has a command; what is not there yet is not available. */
async function requireCommand(context: FaultContext, group: readonly string[], command: string): Promise<void> {
  const help = await heima(context, ...group, "--help");
  if (!new RegExp(`^\\s+${command}\\b`, "m").test(help))
    throw new NotAvailable(`heima has no command ${[...group, command].join(" ")}`);
}

/** An operator retries the parked key of a poisoned reader, or skips its first bad event. */
const withParked =
  (
    command: "retry" | "skip",
    argumentsFor: (parked: { eventId: string; readerId: string }) => readonly string[],
  ): DoFault =>
  async (context) => {
    const { random, poisoned } = context;
    await requireCommand(context, ["projections"], command);
    const [parked] = random.shuffle(poisoned);
    if (parked === undefined) throw new NotAvailable("nothing was parked before");
    await insist(() => heima(context, "projections", command, "shelf", ...argumentsFor(parked)));
    return `heima projections ${command} shelf, key ${parked.readerId}`;
  };

export const parkedRetry = withParked("retry", ({ readerId }) => [readerId]);
export const parkedSkip = withParked("skip", ({ eventId }) => [eventId, "--reason", "chaos"]);

export const scavenge: DoFault = async (context) => {
  await requireCommand(context, [], "scavenge");
  await insist(() => heima(context, "scavenge"));
  return "heima scavenge";
};
