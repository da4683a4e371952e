import { type Fault, type FaultKind, faultKinds } from "../plan.ts";
import { seededRandom } from "../random.ts";
import { faults } from "./all.ts";
import { type FaultContext, NotAvailable } from "./fault.ts";

export type FaultCounts = { readonly done: Record<string, number>; readonly notAvailable: Record<string, number> };

const commands: { readonly [name: string]: string } = {
  postgres: "POSTGRES_START_COMMAND",
  redis: "REDIS_START_COMMAND",
  eventstore: "EVENTSTORE_START_COMMAND",
  elasticsearch: "ELASTICSEARCH_START_COMMAND",
};

/** Why a fault is not possible on this stack, or undefined if it is: parts that others run are not killed. */
export function leftOut(
  fault: Pick<Fault, "kind">,
  world: { readonly foreign: readonly string[] },
): string | undefined {
  const { part } = faults[fault.kind];
  if (part === undefined || !world.foreign.includes(part)) return undefined;
  return `LEFT OUT: ${fault.kind}, for ${part} is given without ${commands[part]}`;
}

/**
 * Executes faults, those of one part one after the other. A possible fault that failed is a difference: the cause may be the system
 * (a build that failed) or the run.
 */
export function faultCommitter(
  context: Omit<FaultContext, "random" | "forMs">,
  report: (line: string) => void,
): { commit(fault: Fault): Promise<void>; readonly counts: FaultCounts; readonly failures: readonly string[] } {
  const done: Record<string, number> = {};
  const notAvailable: Record<string, number> = {};
  const failures: string[] = [];
  const busy = new Map<string, Promise<void>>();
  const count = (counts: Record<string, number>, kind: FaultKind) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };

  const perform = async ({ kind, seed, forMs }: Fault) => {
    const reason = leftOut({ kind }, context.world);
    if (reason !== undefined) {
      count(notAvailable, kind);
      return report(reason);
    }
    try {
      const said = await faults[kind].run({ ...context, random: seededRandom(seed), forMs });
      count(done, kind);
      report(said);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof NotAvailable) {
        count(notAvailable, kind);
        return report(`not available: ${kind}, ${message}`);
      }
      failures.push(`the fault ${kind} could not be done: ${message}`);
      report(`FAILED ${kind}: ${message}`);
    }
  };

  return {
    commit(fault) {
      const { part } = faults[fault.kind];
      if (part === undefined) return perform(fault);
      const before = busy.get(part) ?? Promise.resolve();
      const after = before.then(() => perform(fault));
      busy.set(part, after);
      return after;
    },
    get counts() {
      const order = (counts: Record<string, number>) =>
        Object.fromEntries(faultKinds.filter((kind) => counts[kind]).map((kind) => [kind, counts[kind] ?? 0]));
      return { done: order(done), notAvailable: order(notAvailable) };
    },
    failures,
  };
}
