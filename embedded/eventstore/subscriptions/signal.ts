import type { Commit, EventLog } from "../log/log.ts";
import type { Receiver } from "../reads/receiver.ts";

/** Lets a subscription sleep until a commit that concerns it. */
export type Signal = {
  /** Resolves after the first such commit since the last call, at once if there was one, or when the client has gone. */
  next(): Promise<void>;
  stop(): void;
};

export function commitSignal(log: EventLog, out: Receiver, concerns: (commit: Commit) => boolean): Signal {
  let rung = false;
  let wake: (() => void) | undefined;
  const ring = () => {
    rung = true;
    wake?.();
  };
  const unfollow = log.onCommit((commit) => {
    if (concerns(commit)) ring();
  });
  out.whenOver.then(ring);
  return {
    async next() {
      if (!rung) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      rung = false;
    },
    stop: unfollow,
  };
}
