import type { BuildSnapshot, ParkedKey } from "../ports/readModelStore.ts";
import type { Differences } from "./differences.ts";
import type { LogFold } from "./foldLog.ts";
import type { Selection } from "./selection.ts";

/**
 * Compares what is parked with the log: from its first parked event on, every event of a key must be; what a handler refuses
 * must be.
 */
export function compareParked(
  { parked }: Pick<BuildSnapshot, "parked">,
  fold: Pick<LogFold, "parts">,
  selection: Selection,
  differences: Differences,
): void {
  for (const { refused } of fold.parts().values()) {
    for (const [key, { detail }] of refused) differences.add({ kind: "not_parked", table: null, key: [key], detail });
  }
  for (const one of parked.filter((some) => !isKeyless(some))) {
    const part = selection.partOf(one.key);
    if (part === undefined) continue;
    const { events, skipped } = fold.parts().get(part)?.parked.get(one.key) ?? { events: 0, skipped: 0 };
    // An event that is skipped while it is parked is taken out a moment later.
    if (one.events <= events && one.events >= events - skipped) continue;
    const detail = `${one.events} events are parked, the log has ${events}`;
    differences.add({ kind: "parked", table: null, key: [one.key], detail });
  }
}

/** A checkpoint must count the parked keys that there are, or the next batch would fold what is to wait. */
export function compareParkedCounts(
  { checkpoints, parked }: Pick<BuildSnapshot, "checkpoints" | "parked">,
  differences: Differences,
): void {
  for (const [partition, { parkedKeys }] of checkpoints.entries()) {
    const keys = parked.filter((one) => one.partition === partition).length;
    if (parkedKeys === keys) continue;
    const detail = `the checkpoint counts ${parkedKeys} parked keys, there are ${keys}`;
    differences.add({ kind: "parked", table: null, key: [`partition ${partition}`], detail });
  }
}

/** Events without a partition key are parked by their stream, in every partition, and touch no row. */
function isKeyless({ key, stream }: ParkedKey): boolean {
  return key === stream;
}
