/** The progress of a search through the log, before the requested events begin. */
export type LogSearchProgress = {
  /** For people, as `where 2026-11-28 begins`. */
  readonly what: string;
  /** The events that were passed. */
  readonly events: number;
  readonly position: bigint;
  /** The log's end. */
  readonly upTo: bigint;
};

/**
 * Options of a search through the log: an abort of `signal` ends it, and `onSearchProgress` is called with the progress now and then.
 */
export type LogSearchOptions = {
  readonly signal?: AbortSignal;
  readonly onSearchProgress?: (progress: LogSearchProgress) => void;
};

/** The number of events between two reports. */
const reportEvery = 1_000;

/** Takes the positions that are passed, and reports them. */
export function reportSearch(
  what: string,
  upTo: bigint,
  { onSearchProgress }: Pick<LogSearchOptions, "onSearchProgress">,
): (position: bigint) => void {
  let events = 0;
  return (position) => {
    if (events++ % reportEvery === 0) onSearchProgress?.({ what, events, position, upTo });
  };
}
