import { setTimeout as sleep } from "node:timers/promises";
import type { Erased } from "../oracle/erased.ts";
import type { Random } from "../random.ts";
import type { PartName, World } from "../world/world.ts";

/** The resources of a fault. */
export type FaultContext = {
  readonly world: World;
  /** Seeded for this fault alone. */
  readonly random: Random;
  readonly forMs: number;
  /** Ends the fault instead of `forMs`: for a test that waits for the effect of the fault. */
  readonly until?: Promise<void> | undefined;
  readonly books: readonly string[];
  /** The run's own readers whose keys are parked. */
  readonly poisoned: { readonly eventId: string; readonly readerId: string }[];
  /** The run's own readers whose shelves were deleted and scavenged. */
  readonly erased: Erased[];
};

/** Executes the fault; resolves with a line that describes it, once everything that must be undone is undone. */
export type DoFault = (context: FaultContext) => Promise<string>;

/** The fault cannot be executed here; the message has the reason. It is counted and printed as not available. */
export class NotAvailable extends Error {
  override readonly name = "NotAvailable";
}

/** Resolves when the fault is to be undone. */
export const lasting = ({ forMs, until }: Pick<FaultContext, "forMs" | "until">): Promise<void> =>
  until ?? sleep(forMs);

/** The process id of a part, as soon as it has a process. */
export async function pidOf(world: World, name: PartName): Promise<number> {
  for (;;) {
    const pid = world.pid(name);
    if (pid !== null) return pid;
    await sleep(20);
  }
}

/**
 * Retries until it succeeds: servers stop and restart while a run executes its faults. Rejects with the last error after `patienceMs`,
 * two minutes by default.
 */
export async function insist<Result>(work: () => Promise<Result>, patienceMs = 120_000): Promise<Result> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline || error instanceof NotAvailable) throw error;
      await sleep(250);
    }
  }
}
