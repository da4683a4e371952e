import { RequestProblem } from "./problems.ts";

/** Counts the open streams of this process, or requests that take as long. */
export type StreamLimit = {
  /** Takes a slot for an account; the returned function releases it once. Throws `too_many_requests`. */
  take(account: string): () => void;
};

/** `ofOne` slots per account, `ofAll` in total; `detail` tells a client what the limits are. */
export function createStreamLimit(
  ofOne: number,
  ofAll: number,
  detail = `An account has ${ofOne} streams at once, all ${ofAll}.`,
): StreamLimit {
  const open = new Map<string, number>();
  return {
    take(account) {
      const all = [...open.values()].reduce((sum, streams) => sum + streams, 0);
      const own = open.get(account) ?? 0;
      if (own >= ofOne || all >= ofAll) throw new RequestProblem("too_many_requests", detail);
      open.set(account, own + 1);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        const left = (open.get(account) ?? 1) - 1;
        if (left === 0) open.delete(account);
        else open.set(account, left);
      };
    },
  };
}

/** Releases the slot when the response has ended. */
export function untilGone(gone: AbortSignal, giveBack: () => void): void {
  if (gone.aborted) giveBack();
  gone.addEventListener("abort", giveBack, { once: true });
}

/** The maximum duration of a stream in milliseconds, from its own beginning: continuing requires a token that is valid then. */
export const longestMs = 15 * 60_000;
