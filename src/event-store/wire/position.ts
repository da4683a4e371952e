import type { Position } from "./appendResponse.ts";

/**
 * The position of an event as one number. An event's commit and prepare positions differ only for explicit transactions, which no
 * longer exist. Those of a checkpoint often do: it need not lie at an event.
 */
export function onePosition(position: Position): bigint {
  if (position.commit !== position.prepare) {
    throw new Error(`commit position ${position.commit} and prepare position ${position.prepare} differ`);
  }
  return position.commit;
}
