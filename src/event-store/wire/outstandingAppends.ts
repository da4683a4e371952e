import type { Acknowledged } from "../acknowledged.ts";
import { appendDeadlineMs, appendGraceMs } from "../appendTimes.ts";
import type { AppendRequest } from "./appendRequest.ts";

/** An append that is not answered yet, on a call of type `Call`. */
export type OutstandingAppend<Call> = {
  readonly id: number;
  readonly stream: string;
  readonly request: AppendRequest;
  /** Whether the event store recognises a repeat: it expects a revision. */
  readonly isRepeatable: boolean;
  readonly resolve: (acknowledged: Acknowledged) => void;
  readonly reject: (error: unknown) => void;
  /** When it times out, by the clock of `performance`. */
  readonly lateAt: number;
  /** The call on which it was sent; undefined while it waits. */
  sentOn: Call | undefined;
};

export type OutstandingAppends<Call> = {
  add(append: OutstandingAppend<Call>): void;
  /** Removes an append; undefined if it is not outstanding any more: a duplicate or late answer. */
  remove(id: number): OutstandingAppend<Call> | undefined;
  /** The appends sent on a call; for undefined, those that wait. */
  sentOn(call: Call | undefined): readonly OutstandingAppend<Call>[];
  isEmpty(): boolean;
  /** Calls back when the last one is removed. */
  onEmpty(callback: () => void): void;
};

/** Maximum time that an append waits for its answer, in milliseconds. */
export const appendTimeoutMs = appendDeadlineMs + appendGraceMs;

/** `onLate` is called for each append that has waited for `appendTimeoutMs`, and must remove it. */
export function createOutstandingAppends<Call>(
  onLate: (append: OutstandingAppend<Call>) => void,
): OutstandingAppends<Call> {
  /** In the order in which they time out, since all have the same time limit. */
  const appends = new Map<number, OutstandingAppend<Call>>();
  /** Set for the oldest append. */
  let timer: NodeJS.Timeout | undefined;
  let emptied: (() => void) | undefined;

  const giveUpLate = () => {
    timer = undefined;
    const now = performance.now();
    for (const append of appends.values()) {
      if (append.lateAt > now) {
        timer = setTimeout(giveUpLate, append.lateAt - now);
        return;
      }
      onLate(append);
    }
  };

  return {
    add(append) {
      appends.set(append.id, append);
      timer ??= setTimeout(giveUpLate, appendTimeoutMs);
    },
    remove(id) {
      const append = appends.get(id);
      if (append === undefined) return undefined;
      appends.delete(id);
      if (appends.size === 0) {
        clearTimeout(timer);
        timer = undefined;
        emptied?.();
      }
      return append;
    },
    sentOn: (call) => [...appends.values()].filter(({ sentOn }) => sentOn === call),
    isEmpty: () => appends.size === 0,
    onEmpty(callback) {
      emptied = callback;
    },
  };
}
