import { setImmediate as nextTurn } from "node:timers/promises";
import type { DispatchMessage, DispatchSubscription, Messages } from "./messages.ts";

/** A subscription that was made of chunks, which are taken as they are. */
type Chunked = DispatchSubscription & { readonly chunks?: AsyncGenerator<Messages> };

/**
 * What a subscription delivers, all that came with one packet at once: handing over a promise for each message costs more than
 * what is done with it. Never empty.
 */
export function inChunks(subscription: Chunked): AsyncGenerator<Messages> {
  return subscription.chunks ?? gathered(subscription);
}

async function* gathered(subscription: DispatchSubscription): AsyncGenerator<Messages> {
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
export function fromChunks(chunks: AsyncGenerator<Messages>): Chunked {
  let ready: Messages = [];
  let next = 0;
  const messages: AsyncIterator<DispatchMessage> = {
    async next() {
      while (next === ready.length) {
        const chunk = await chunks.next();
        if (chunk.done) return { value: undefined, done: true };
        ready = chunk.value;
        next = 0;
      }
      return { value: ready[next++] as DispatchMessage, done: false };
    },
    async return() {
      await chunks.return(undefined);
      return { value: undefined, done: true };
    },
  };
  return { chunks, [Symbol.asyncIterator]: () => messages };
}
