import { type Elasticsearch, exceededLimit } from "../../../platform/elasticsearch.ts";

/**
 * Documents per request: a few megabytes of rows with long texts. Fewer after requests that took too long, or needed more memory than
 * the server has; fewer than the least are not the reason.
 */
const maxSize = 500;
const minSize = 30;

/** By what part of itself a portion grows back with each answer: from the least to the most in 29 answers. */
const growth = 0.1;

/**
 * By client, the number of documents that a server can process in time. Work that fails because of it starts again with
 * the smaller number.
 */
const sizes = new WeakMap<Elasticsearch, number>();

/**
 * Asks a server for a portion of at most `left` documents; for half as many if that was too much for it. `ask` is given the size of the
 * portion. The second request without an answer in time is the last: a server that hangs takes as long for few documents, and the caller
 * may hold locks meanwhile. Its next attempt begins with half as many again.
 */
export async function askPortion<Answer>(
  client: Elasticsearch,
  left: number,
  ask: (size: number) => Promise<Answer>,
): Promise<Answer> {
  let late = 0;
  for (;;) {
    const known = sizes.get(client) ?? maxSize;
    const size = Math.min(known, left);
    try {
      const answer = await ask(size);
      if (size === known) sizes.set(client, Math.min(maxSize, Math.ceil(known * (1 + growth))));
      return answer;
    } catch (error) {
      const tooMuch = exceededLimit(error);
      if (tooMuch === undefined || size <= minSize) throw error;
      sizes.set(client, Math.max(minSize, Math.ceil(size / 2)));
      if (tooMuch === "time" && ++late === 2) throw error;
    }
  }
}
