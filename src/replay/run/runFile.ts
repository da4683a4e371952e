import type { EventStore } from "../../event-store/types.ts";
import type { Pool } from "../../platform/postgres.ts";
import { requireWritable } from "../../platform/writableFile.ts";
import { createDayPositions } from "../dayPositions.ts";
import { readErasures } from "../erasures.ts";
import { type LogSearchOptions, reportSearch } from "../logSearch.ts";
import { type Asked, resolveRange } from "../range.ts";
import { loadReducer } from "./loadReducer.ts";
import { type Run, type RunProgress, resultsOf, runReducer } from "./runReducer.ts";
import { loadSnapshot, type RunSnapshot, readerDigest, saveSnapshot } from "./snapshot.ts";

/** The options of a run. Files are absolute paths. */
export type RunArguments = {
  readonly file: string;
  readonly from: Asked | undefined;
  readonly to: Asked | undefined;
  readonly resume: string | undefined;
  readonly save: string | undefined;
};

export type RunOptions = LogSearchOptions & {
  readonly onProgress: (progress: RunProgress & { readonly after: bigint; readonly upTo: bigint }) => void;
  readonly signal: AbortSignal;
};

/** The outcome of a run: its printable result, and warnings. */
export type Ran = Pick<Run, "events" | "folded"> & {
  readonly results: Iterable<{ readonly key: string; readonly result: unknown }>;
  readonly isKeyed: boolean;
  readonly warnings: readonly string[];
  /** Why there is no result: the run was interrupted. */
  readonly interrupted?: string;
};

/**
 * Folds the log with a file's reducer, according to the command line's options. Rejects with a readable Error, or as reading
 * does; with the signal's reason when it is aborted before the run begins.
 */
export async function runFile(
  { eventStore, pool }: { readonly eventStore: EventStore; readonly pool: Pool },
  asked: RunArguments,
  options: RunOptions,
): Promise<Ran> {
  const { onProgress, signal } = options;
  const { reducer, digest } = await loadReducer(asked.file);
  const saveIn = asked.save === undefined ? undefined : await requireWritable(asked.save);
  const begun = asked.resume === undefined ? undefined : await loadSnapshot(asked.resume);
  if (begun !== undefined) await requireSame(begun, digest);
  const ends = { from: asked.from, to: asked.to };
  const range = await resolveRange(eventStore, createDayPositions(pool), ends, options);
  const after = begun === undefined ? textToPosition(range.after) : begun.after;
  const upTo = BigInt(range.upTo);
  if (begun !== undefined && begun.place.position > upTo)
    throw new Error(`the states of ${asked.resume} have events up to ${begun.place.position}, beyond ${upTo}`);
  const start = begun?.place.position ?? after;
  const erased = await erasuresAfter(undefined);
  const run = await runReducer(
    eventStore,
    reducer,
    { after, upTo },
    {
      erased,
      signal,
      ...(begun === undefined ? {} : { begun }),
      onProgress: (progress) => onProgress({ ...progress, after: start ?? 0n, upTo }),
    },
  );
  const warnings: string[] = [];
  const { count, first } = run.unreadable;
  if (count > 0) warnings.push(`${count} events do not match their schema and were left out; the first: ${first}`);
  const leftOut = begun?.erased ?? new Set([...erased].map(readerDigest));
  const events = run.events + (begun?.events ?? 0);
  const { save } = asked;
  if (save !== undefined && run.place === undefined) warnings.push("no event was read, so nothing was saved");
  if (saveIn !== undefined && run.place !== undefined)
    await saveSnapshot(saveIn, { digest, after, place: run.place, events, states: run.states, erased: leftOut });
  if (run.isCut) {
    const goesOn = save === undefined || run.place === undefined ? "" : `; --resume ${save} goes on from there`;
    const where = run.place === undefined ? "at the beginning" : `at position ${run.place.position}`;
    const interrupted = `interrupted ${where}, so there is no result${goesOn}`;
    return { events: run.events, folded: run.folded, warnings, results: [], isKeyed: true, interrupted };
  }
  const since = await erasedBesides(leftOut, run.place?.position);
  if (since > 0)
    warnings.push(
      `readers were erased since ${begun === undefined ? "this run" : "the run of these states"} began (${since}): run again from the beginning to be rid of their share`,
    );
  return {
    events: run.events,
    folded: run.folded,
    warnings,
    results: resultsOf(reducer, run.states),
    isKeyed: reducer.key !== undefined,
  };

  async function erasuresAfter(after: bigint | undefined): Promise<ReadonlySet<string>> {
    const end = (await eventStore.readLogEnd()) ?? 0n;
    return readErasures({ eventStore, pool }, after, signal, reportSearch("erased readers", end, options));
  }

  /** Returns the number of readers who are erased by now, except `known`; the states may have events of them. */
  async function erasedBesides(known: ReadonlySet<string>, after: bigint | undefined): Promise<number> {
    const now = new Set([...erased, ...(await erasuresAfter(after))]);
    return [...now].filter((id) => !known.has(readerDigest(id))).length;
  }

  async function requireSame({ digest: saved, place }: RunSnapshot, now: string): Promise<void> {
    if (saved !== now)
      throw new Error(`${asked.file} has changed since ${asked.resume} was saved: run it from the beginning`);
    const found = await eventStore.readLogAt(place.position);
    if (found?.id !== place.eventId)
      throw new Error(`${asked.resume} is of another log, or a scavenge took its last event: run from the beginning`);
  }
}

const textToPosition = (text: string | null) => (text === null ? undefined : BigInt(text));
