import { setImmediate as nextTurn } from "node:timers/promises";
import type { Arriving } from "./types.ts";

/**
 * Groups the items of a stream into chunks of those that have arrived: a promise for each event costs more than its processing.
 * With `gathers` a chunk includes those that arrive in the same turn of the event loop. A chunk is never empty.
 */
export async function* inChunks<Item>(arriving: Arriving<Item>, gathers = true): AsyncGenerator<readonly Item[]> {
  for await (const item of arriving) {
    if (arriving.takeReady === undefined) yield [item];
    else {
      // The items of a packet are decoded one after another, in ticks of their own.
      if (gathers) await nextTurn();
      yield [item, ...arriving.takeReady()];
    }
  }
}
