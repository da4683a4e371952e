import { type Elasticsearch, isTooMuch } from "../../../platform/elasticsearch.ts";

/**
 * Documents per request: a few megabytes of rows with long texts. Fewer after requests that took too long, or needed more memory than
 * the server has; fewer than the least are not the reason.
 */
const most = 500;
const least = 30;

/** By how much a portion grows back with each answer. */
const growth = 5;

/** How many documents a server answers with in time. Work that fails for it begins anew, and is to remember what was found. */
const sizes = new WeakMap<Elasticsearch, number>();

/**
 * Asks a server for a portion of at most `left` documents; for half as many if that was too much for it. `ask` is given the size of the
 * portion.
 */
export async function askPortion<Answer>(
  client: Elasticsearch,
  left: number,
  ask: (size: number) => Promise<Answer>,
): Promise<Answer> {
  for (;;) {
    const known = sizes.get(client) ?? most;
    const size = Math.min(known, left);
    try {
      const answer = await ask(size);
      if (size === known) sizes.set(client, Math.min(most, known + growth));
      return answer;
    } catch (error) {
      if (!isTooMuch(error) || size <= least) throw error;
      sizes.set(client, Math.max(least, Math.ceil(size / 2)));
    }
  }
}
