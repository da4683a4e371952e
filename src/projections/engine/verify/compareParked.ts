import type { BuildSnapshot, ParkedKey } from "../ports/readModelStore.ts";
import type { Differences } from "./differences.ts";
import type { LogFold } from "./foldLog.ts";
import type { Selection } from "./selection.ts";

/**
 * Compares parked events with the log: every event of a key from its first parked one must be parked, and so must events that a
 * handler refuses.
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
    // An event that is skipped while parked is removed a moment later.
    if (one.events <= events && one.events >= events - skipped) continue;
    const detail = `${one.events} events are parked, the log has ${events}`;
    differences.add({ kind: "parked", table: null, key: [one.key], detail });
  }
}

/** A checkpoint must count the existing parked keys, or the next batch would apply events that must wait. */
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

/** Events without a partition key are parked under their stream, in every partition, and touch no row. */
function isKeyless({ key, stream }: ParkedKey): boolean {
  return key === stream;
}
