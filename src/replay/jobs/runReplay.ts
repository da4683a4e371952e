import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type HeldLock, withAdvisoryLock } from "../../platform/advisoryLock.ts";
import type { Logger } from "../../platform/logger.ts";
import { createDayPositions } from "../dayPositions.ts";
import type { LogRange } from "../events.ts";
import { type ExportDependencies, type ExportOptions, runExport } from "../export/runExport.ts";
import { type Asked, parseMoment, resolveRange } from "../range.ts";
import { OtherRelease } from "../replayRefused.ts";
import { isPermanent, shownReason } from "./failures.ts";
import type { Replay } from "./replay.ts";
import type { Replays } from "./replays.ts";
import { type ReplayWork, replayWork } from "./replayWork.ts";
import { createReports } from "./reports.ts";

export type RunReplayDependencies = ExportDependencies & {
  readonly replays: Replays;
  /** Where the files of replays are, a folder each. */
  readonly folder: string;
  readonly logger: Logger;
};

/** A replay in which this many processes ended is given up, and one that could not be made for an hour. */
const maxStarts = 5;

/** The name of the lock under which a replay is worked at, and its files are deleted. */
export const replayLock = (id: string) => `replay ${id}`;

/**
 * Writes the files of a replay, or resumes them, unless another process does. A replay that would fail again (`isPermanent`) has failed,
 * and its reason is written down. When `stop` is aborted the replay is left to another process, and this start does not count. Rejects with any
 * other error, which may pass: then it is to be tried again.
 */
export async function runReplay(deps: RunReplayDependencies, id: string, stop: AbortSignal): Promise<void> {
  await withAdvisoryLock(deps.pool, replayLock(id), async ({ session, lost }) => {
    // Only the process that holds the lock may write these states: they go through the lock's session.
    const work = replayWork(session);
    const replay = await work.begin(id);
    if (replay === undefined) return;
    if (replay.starts > maxStarts) await work.fail(id, replay.error ?? `${maxStarts} processes ended in it`);
    else await runBegun(deps, work, replay, { stop, lost });
  });
}

type Ends = { readonly stop: AbortSignal } & Pick<HeldLock, "lost">;

async function runBegun(
  deps: RunReplayDependencies,
  work: ReplayWork,
  replay: Replay,
  { stop, lost }: Ends,
): Promise<void> {
  const { replays, logger } = deps;
  const { id } = replay;
  const over = new AbortController();
  const reports = createReports((progress) => work.report(id, progress), {
    onOver: () => over.abort(new Error("the replay is over")),
    onFailure: (error) => logger.warn({ err: error, replay: id }, "cannot record the progress of a replay"),
  });
  const signal = AbortSignal.any([stop, lost, over.signal]);
  try {
    const range = await rangeOf(deps, replay, signal);
    // Before a file is written: what was begun keeps its end.
    if (!(await work.report(id, { ...range, events: 0, position: range.after ?? 0n }))) return clearIfOver(deps, id);
    const done = await write(deps, replay, range, { onProgress: reports.report, signal });
    await reports.settled();
    if (await work.finish(id, done)) logger.info({ replay: id, ...done, upTo: `${done.upTo}` }, "a replay is done");
    else await clearIfOver(deps, id);
  } catch (error) {
    await reports.settled();
    if (over.signal.aborted) return clearIfOver(deps, id);
    if (stop.aborted) return replays.release(replay);
    if (!isPermanent(error)) {
      // Postgres may be what is away, or the lock is lost and another process has begun.
      await replays.postpone(replay, shownReason(error)).catch(() => {});
      throw error;
    }
    logger.warn({ err: error, replay: id }, "a replay failed");
    await work.fail(id, shownReason(error));
  }
}

/** `askedFrom`: the day or the time at which it was to begin. The end is a position, which the replay keeps. */
type Range = LogRange & { readonly askedFrom: string | undefined };

async function rangeOf(
  { eventStore, pool }: RunReplayDependencies,
  { request: { from, to }, upTo }: Replay,
  signal: AbortSignal,
): Promise<Range> {
  const ends = { from: asked(from), to: upTo === null ? asked(to) : undefined };
  const range = await resolveRange(eventStore, createDayPositions(pool), ends, { signal });
  const end = upTo ?? BigInt(range.upTo);
  const after = range.after === null ? undefined : BigInt(range.after);
  // A day that has not come yet begins after the log's end, which may be beyond the end that is kept.
  const begin = after !== undefined && after > end ? end : after;
  return { after: begin, upTo: end, askedFrom: range.askedFrom };
}

/** Writes the files; resolves with what is to be noted of them. */
async function write(
  deps: RunReplayDependencies,
  { id, analyst, request: { types, bookIds, format } }: Replay,
  { after, upTo, askedFrom }: Range,
  options: ExportOptions,
): Promise<Parameters<Replays["finish"]>[1]> {
  const folder = join(deps.folder, id);
  const request = {
    format,
    identities: false,
    identitiesReason: undefined,
    endAsked: true,
    range: {
      after: after === undefined ? null : `${after}`,
      upTo: `${upTo}`,
      ...(askedFrom === undefined ? {} : { askedFrom }),
    },
    filters: { types: [...types], books: [...bookIds], readers: [] },
    folder,
    requestedBy: `analyst ${analyst}`,
    place: `${hostname()}:${folder}`,
  };
  const manifest = await runExport(deps, request, options).catch(async (error: unknown) => {
    if (!(error instanceof OtherRelease)) throw error;
    await rm(folder, { recursive: true });
    return runExport(deps, request, options);
  });
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  return { events: manifest.events, bytes, exportId: manifest.exportId, upTo };
}

/** Files may have been written since they were cleared away. Those of a replay that is done, or runs, stay. */
async function clearIfOver({ replays, folder }: RunReplayDependencies, id: string): Promise<void> {
  if (await replays.isOver(id)) await rm(join(folder, id), { recursive: true, force: true });
}

function asked(text: string | null): Asked | undefined {
  const moment = text === null ? undefined : parseMoment(text);
  return text === null || moment === undefined ? undefined : { text, moment };
}
