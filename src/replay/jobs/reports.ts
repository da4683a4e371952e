import type { Replays } from "./replays.ts";

/** The interval at which the progress is written, and a cancellation noticed, in milliseconds. */
const reportEveryMs = 500;

type Progress = Parameters<Replays["report"]>[1];

/** Writes progress down now and then, by one statement at a time. `write` resolves with false if the replay has ended: then `onOver` is called. */
export function createReports(
  write: (progress: Progress) => Promise<boolean>,
  { onOver, onFailure }: { readonly onOver: () => void; readonly onFailure: (error: unknown) => void },
) {
  let reported = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> | undefined;
  return {
    report(progress: Progress): void {
      if (writing !== undefined || performance.now() - reported < reportEveryMs) return;
      reported = performance.now();
      writing = write(progress)
        .then((goesOn) => {
          if (!goesOn) onOver();
        }, onFailure)
        .finally(() => {
          writing = undefined;
        });
    },
    /** Resolves when no statement is under way. */
    settled: async (): Promise<void> => writing,
  };
}
