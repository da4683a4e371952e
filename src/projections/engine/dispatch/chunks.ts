import { setImmediate as nextTurn } from "node:timers/promises";
import type { Arriving } from "../../../event-store/types.ts";

/** A subscription that was made of chunks, which are taken as they are. */
type Chunked<Message> = Arriving<Message> & { readonly chunks?: AsyncGenerator<readonly Message[]> };

/**
 * What a subscription delivers, all that came with one packet at once: handing over a promise for each message costs more than
 * what is done with it. Never empty.
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

/** The reverse: a subscription that whoever likes takes message by message. */
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
