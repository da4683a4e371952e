import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type DoFault, type FaultContext, insist, NotAvailable } from "./fault.ts";

const program = fileURLToPath(new URL("../../../bin/heima.js", import.meta.url));

/** Runs `heima …` as an operator does; rejects with what it printed. */
async function heima({ world }: Pick<FaultContext, "world">, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, ...world.environment };
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { env, timeout: 120_000 });
  return stdout;
}

/** The commands that this release has: each line of a help that names one. What is not there yet is not available. */
let known: Promise<ReadonlySet<string>> | undefined;

/** Asks `heima` once for what it can do, best before any fault. */
export function operatorCommands(context: Pick<FaultContext, "world">): Promise<ReadonlySet<string>> {
  known ??= readCommands(context).catch((error: unknown) => {
    known = undefined;
    throw error;
  });
  return known;
}

async function readCommands(context: Pick<FaultContext, "world">): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const group of [[], ["projections"]]) {
    const help = await heima(context, ...group, "--help");
    for (const [, command] of help.matchAll(/^ {2,4}([a-z]+)\b/gm)) found.add([...group, command].join(" "));
  }
  return found;
}

async function requireCommand(context: FaultContext, command: string): Promise<void> {
  if (!(await insist(() => operatorCommands(context))).has(command))
    throw new NotAvailable(`heima has no command ${command}`);
}

/** An operator retries the parked key of a poisoned reader, or skips its first bad event. */
const withParked =
  (
    command: "retry" | "skip",
    argumentsFor: (parked: { eventId: string; readerId: string }) => readonly string[],
  ): DoFault =>
  async (context) => {
    const { random, poisoned } = context;
    await requireCommand(context, `projections ${command}`);
    const [parked] = random.shuffle(poisoned);
    if (parked === undefined) throw new NotAvailable("nothing was parked before");
    await insist(() =>
      heima(context, "projections", command, "shelf", ...argumentsFor(parked)).catch((error: Error) => {
        // What is poison stays poison, and somebody may have skipped it: a retry says so with exit code 1.
        if (command !== "retry" || !/stay parked|nothing is parked/.test(error.message)) throw error;
      }),
    );
    return `heima projections ${command} shelf, key ${parked.readerId}`;
  };

export const parkedRetry = withParked("retry", ({ readerId }) => ["--key", readerId]);
export const parkedSkip = withParked("skip", ({ eventId }) => ["--event", eventId, "--reason", "chaos"]);

export const scavenge: DoFault = async (context) => {
  await requireCommand(context, "scavenge");
  await insist(() => heima(context, "scavenge"));
  return "heima scavenge";
};
