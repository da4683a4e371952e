import { setImmediate as nextTurn } from "node:timers/promises";
import type { Arriving } from "../../../event-store/types.ts";

/** A subscription that may have been made from chunks, which are then returned unchanged. */
type Chunked<Message> = Arriving<Message> & { readonly chunks?: AsyncGenerator<readonly Message[]> };

/**
 * The messages of a subscription in chunks, each with all messages of one packet: a promise for each message costs more
 * than the work on it. A chunk is never empty.
 */
export function inChunks<Message>(subscription: Chunked<Message>): AsyncGenerator<readonly Message[]> {
  return subscription.chunks ?? gathered(subscription);
}

async function* gathered<Message>(subscription: Arriving<Message>): AsyncGenerator<readonly Message[]> {
  for await (const message of subscription) {
    if (subscription.takeReady === undefined) yield [message];
    else {
      // The messages of a packet are decoded one after another, in ticks of their own.
      await nextTurn();
      yield [message, ...subscription.takeReady()];
    }
  }
}

/** The reverse: a subscription of single messages, whose chunks can also be taken. */
export function fromChunks<Message>(chunks: AsyncGenerator<readonly Message[]>): Chunked<Message> {
  let ready: readonly Message[] = [];
  let next = 0;
  const messages: AsyncIterator<Message> = {
    async next() {
      while (next === ready.length) {
        const chunk = await chunks.next();
        if (chunk.done) return { value: undefined, done: true };
        ready = chunk.value;
        next = 0;
      }
      return { value: ready[next++] as Message, done: false };
    },
    async return() {
      await chunks.return(undefined);
      return { value: undefined, done: true };
    },
  };
  return { chunks, [Symbol.asyncIterator]: () => messages };
}
