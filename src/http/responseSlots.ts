import { RequestProblem } from "./problems.ts";

/** Limits the streamed responses of this process that are open at once, or requests that take as long. */
export type ResponseSlots = {
  /** Takes a slot for an account; the returned function releases it once. Throws `too_many_requests`. */
  take(account: string): () => void;
};

/** `ofOne` slots per account, `ofAll` in total; `detail` tells a client what the limits are. */
export function createResponseSlots(
  ofOne: number,
  ofAll: number,
  detail = `An account has ${ofOne} streams at once, all ${ofAll}.`,
): ResponseSlots {
  const open = new Map<string, number>();
  return {
    take(account) {
      const all = [...open.values()].reduce((sum, count) => sum + count, 0);
      const own = open.get(account) ?? 0;
      if (own >= ofOne || all >= ofAll) throw new RequestProblem("too_many_requests", detail);
      open.set(account, own + 1);
      let released = false;
      return () => {
        if (released) return;
        released = true;
        const left = (open.get(account) ?? 1) - 1;
        if (left === 0) open.delete(account);
        else open.set(account, left);
      };
    },
  };
}

/** Calls `release` once the connection of a response is closed. */
export function releaseWhenClosed(closed: AbortSignal, release: () => void): void {
  if (closed.aborted) release();
  closed.addEventListener("abort", release, { once: true });
}

/** The maximum duration of a streamed response in milliseconds: continuing requires a token that is valid then. */
export const longestMs = 15 * 60_000;
