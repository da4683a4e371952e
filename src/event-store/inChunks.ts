import { setImmediate as nextTurn } from "node:timers/promises";
import type { Arriving } from "./types.ts";

/**
 * What comes of the store, as much at a time as has come: handing over a promise for each event costs more than what is done with it.
 * With `gathers` those come too that arrive in the same turn of the event loop. Never empty.
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
