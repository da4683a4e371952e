import type { AppendRequest } from "./appendRequest.ts";

/** The maximum number of bytes sent and not answered; further appends wait. A single append is sent whatever its size. */
const maxInFlight = 8 * 1024 * 1024;

/** The maximum number of bytes of appends in one write; a single append may have more. */
const maxTogether = 256 * 1024;

type Sendable = { readonly request: AppendRequest };

/** Appends that wait to be sent, in order, and how many bytes were sent without an answer yet. */
export type SendWindow<Append extends Sendable> = {
  isEmpty(): boolean;
  add(append: Append): void;
  /** The next appends that may be sent in one write; from now on they count as in flight. */
  take(): Append[];
  /** An append is answered or given up: one that waits is not sent, one in flight makes room. */
  release(append: Append): void;
};

export function createSendWindow<Append extends Sendable>(): SendWindow<Append> {
  const waiting = new Set<Append>();
  const inFlight = new Set<Append>();
  let bytesInFlight = 0;
  return {
    isEmpty: () => waiting.size === 0,
    add: (append) => void waiting.add(append),
    take() {
      const taken: Append[] = [];
      let together = 0;
      for (const append of waiting) {
        const { bytes } = append.request;
        if (bytesInFlight > 0 && bytesInFlight + bytes > maxInFlight) break;
        if (together > 0 && together + bytes > maxTogether) break;
        waiting.delete(append);
        inFlight.add(append);
        bytesInFlight += bytes;
        together += bytes;
        taken.push(append);
      }
      return taken;
    },
    release(append) {
      waiting.delete(append);
      if (inFlight.delete(append)) bytesInFlight -= append.request.bytes;
    },
  };
}
