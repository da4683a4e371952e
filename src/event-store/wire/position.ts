import type { Position } from "./appendResponse.ts";

/** The one number of a position in the log. The two of the store differ only for its explicit transactions, long gone. */
export function onePosition(position: Position | undefined): bigint {
  if (position === undefined) throw new Error("the event store named no position");
  if (position.commit !== position.prepare) {
    throw new Error(`commit position ${position.commit} and prepare position ${position.prepare} differ`);
  }
  return position.commit;
}
