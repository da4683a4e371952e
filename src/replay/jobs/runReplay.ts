import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Logger } from "../../platform/logger.ts";
import { createDayPositions } from "../dayPositions.ts";
import { type ExportDeps, runExport } from "../export/runExport.ts";
import { type Asked, parseMoment, resolveRange } from "../range.ts";
import { ReplayRefused } from "../replayRefused.ts";
import type { Replays } from "./replays.ts";

export type RunReplayDeps = ExportDeps & {
  readonly replays: Replays;
  /** Where the files of replays are, a folder each. */
  readonly folder: string;
  readonly logger: Logger;
};

/** How often the progress is written down, and a cancellation noticed, in milliseconds. */
const reportEveryMs = 500;

/** One that processes ended in so often is given up, and one that could not be made for an hour. */
const mostStarts = 5;

/**
 * Writes the files of a replay, or goes on with them. What is refused (ReplayRefused) has failed, and its reason is written down; when `stop` is aborted
 * the replay is left as it is, for another process. Rejects with any other error, which
 * may pass: then it is to be tried again.
 */
export async function runReplay(deps: RunReplayDeps, id: string, stop: AbortSignal): Promise<void> {
  const { replays, eventStore, pool, folder, logger } = deps;
  const replay = await replays.begin(id);
  if (replay === undefined) return;
  if (replay.starts > mostStarts) return replays.fail(id, replay.error ?? `${mostStarts} processes ended in it`);
  const cancelled = new AbortController();
  const signal = AbortSignal.any([stop, cancelled.signal]);
  const { from, to, types, bookIds, format } = replay.request;
  let reported = Number.NEGATIVE_INFINITY;
  const report = (progress: Parameters<Replays["report"]>[1]) => {
    if (performance.now() - reported < reportEveryMs) return;
    reported = performance.now();
    replays.report(id, progress).then(
      (goesOn) => goesOn || cancelled.abort(new Error("cancelled")),
      (error: unknown) => logger.warn({ err: error, replay: id }, "the progress of a replay could not be written down"),
    );
  };
  try {
    const range = await resolveRange(
      eventStore,
      createDayPositions(pool),
      // What was begun keeps its end.
      { from: asked(from), to: replay.upTo === null ? asked(to) : asked(String(replay.upTo)) },
      () => signal.throwIfAborted(),
    );
    const after = range.after === null ? undefined : BigInt(range.after);
    const upTo = BigInt(range.upTo);
    if (!(await replays.report(id, { events: 0, after, position: after ?? 0n, upTo }))) return;
    const manifest = await runExport(
      deps,
      {
        ...{ format, identities: false, endAsked: true, identitiesReason: undefined },
        range: { after: range.after, upTo: range.upTo },
        filters: { types: [...types], books: [...bookIds], readers: [] },
        folder: join(folder, id),
        requestedBy: `analyst ${replay.analyst}`,
        place: `${hostname()}:${join(folder, id)}`,
      },
      { onProgress: report, signal },
    );
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    const done = { events: manifest.events, bytes, exportId: manifest.exportId, upTo };
    if (await replays.finish(id, done)) logger.info({ replay: id, ...done, upTo: range.upTo }, "a replay is done");
    else await clear();
  } catch (error) {
    if (cancelled.signal.aborted) return clear();
    if (stop.aborted) return;
    if (!(error instanceof ReplayRefused)) {
      // Postgres may be what is away.
      await replays.postpone(id, error instanceof Error ? error.message : String(error)).catch(() => {});
      throw error;
    }
    logger.warn({ err: error, replay: id }, "a replay failed");
    await replays.fail(id, error.message);
  }

  /** Others may have cleared it away while files were still being written. */
  async function clear(): Promise<void> {
    await rm(join(folder, id), { recursive: true, force: true });
  }
}

function asked(text: string | null): Asked | undefined {
  const moment = text === null ? undefined : parseMoment(text);
  return text === null || moment === undefined ? undefined : { text, moment };
}
