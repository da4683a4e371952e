import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EventStore } from "../../event-store/types.ts";
import type { NamedKey } from "../../platform/config.ts";
import { makeFolder } from "../../platform/makeFolder.ts";
import type { Pool } from "../../platform/postgres.ts";
import { version } from "../../platform/version.ts";
import { noteCopy, noteCopyEnded } from "../copies.ts";
import { type Duck, openDuck } from "../duck/database.ts";
import type { DuckLimits } from "../duck/limits.ts";
import type { LogRange } from "../events.ts";
import type { LogSearchOptions } from "../logSearch.ts";
import { createReaderNames } from "../pseudonyms.ts";
import { ReplayRefused } from "../replayRefused.ts";
import { columns } from "../schema/columns.ts";
import { erasedInCopy, filesWith, findErasures, forgetInCopy } from "./erased.ts";
import { workName } from "./fileWriter.ts";
import { requireAll, requireEmpty, requireSame, wholeIn } from "./folder.ts";
import { keptFilters, requireNoIds } from "./keptFilters.ts";
import { type ExportedFile, type ExportPlan, type Manifest, writeManifest } from "./manifest.ts";
import { beginProgress, endProgress, noteFile, readProgress, replaceProgress, resumeProgress } from "./progressFile.ts";
import { selectionOf } from "./selection.ts";
import { writeFiles } from "./writeFiles.ts";

export type ExportDependencies = {
  readonly eventStore: Pick<EventStore, "readAll" | "readLogEnd">;
  readonly pool: Pool;
  /** The keys in PSEUDONYM_KEYS. */
  readonly keys: readonly NamedKey[];
  readonly limits?: DuckLimits | undefined;
};

/**
 * The events to copy, the identities and the folder. `filters` have ids of readers, which a copy without `identities` does not
 * keep (`keptFilters`). A resumed export keeps the positions with which it began: those of days are other ones later, and the
 * range's end is open if `endAsked` is false.
 */
export type ExportRequest = Pick<ExportPlan, "format" | "identities" | "range" | "filters"> & {
  readonly endAsked: boolean;
  readonly folder: string;
  readonly requestedBy: string;
  readonly identitiesReason: string | undefined;
  /** The folder in messages for people: with the name of the machine. */
  readonly place: string;
};

/** The progress of an export; `at` is its time. */
export type ExportProgress = { readonly events: number; readonly position: bigint } & LogRange & { readonly at: Date };

export type ExportOptions = LogSearchOptions & {
  readonly onProgress: (progress: ExportProgress) => void;
  readonly signal: AbortSignal;
  /** For tests. */
  readonly eventsOfFile?: number;
};

/**
 * Copies a part of the log into files. An export that was killed resumes when it is requested again in the same way, and ends with
 * the bytes that it would have had; one that has ended is left as it is. Rejects with ReplayRefused if the folder holds
 * something else, or a whole export of a day on which more events came since; with the signal's reason when it is given up, and as the stores do.
 */
export async function runExport(
  deps: ExportDependencies,
  request: ExportRequest,
  options: ExportOptions,
): Promise<Manifest> {
  const { folder } = request;
  selectionOf(request.filters);
  const kept = { ...request, filters: await keptFilters(deps, request, options.signal) };
  await makeFolder(folder);
  const whole = await wholeIn(folder);
  if (whole !== undefined) {
    requireNoIds(whole, folder);
    requireSame(whole, kept);
    requireAll(whole, kept);
    await noteCopyEnded(deps.pool, whole.exportId, whole.events);
    return whole;
  }
  const begun = await readProgress(folder);
  if (begun === undefined) await requireEmpty(folder);
  else {
    requireNoIds(begun.plan, folder);
    requireSame(begun.plan, kept);
  }
  const plan = begun?.plan ?? planOf(kept);
  if (begun === undefined) await beginProgress(folder, plan);
  else await resumeProgress(folder, begun);
  const work = join(folder, workName);
  await rm(work, { recursive: true, force: true });
  await mkdir(work);
  await noteCopy(deps.pool, plan, request);
  const duck = await openDuck({ threads: 1, limits: deps.limits, temporaryIn: work });
  try {
    return await write(
      { ...deps, duck },
      { plan, folder, files: [...(begun?.files ?? [])] },
      { ...options, filters: request.filters },
    );
  } finally {
    duck.close();
  }
}

type Work = { readonly plan: ExportPlan; readonly folder: string; readonly files: ExportedFile[] };

async function write(
  deps: ExportDependencies & { duck: Duck },
  work: Work,
  options: ExportOptions & Pick<ExportRequest, "filters">,
): Promise<Manifest> {
  const { plan, folder, files } = work;
  const range = rangeOf(plan);
  const names = createReaderNames(deps.pool, deps.keys, { exportId: plan.exportId, identities: plan.identities });
  let erasures = await findErasures(deps, range.after, options);
  const done = files.at(-1);
  const rest = { after: done === undefined ? range.after : BigInt(done.last), upTo: range.upTo };
  let events = 0;
  const onEvents = (more: number, position: bigint) => {
    events += more;
    options.onProgress({ ...rest, events, position, at: new Date() });
  };
  const writing = { ...options, plan, folder, onEvents };
  let unreadableRest = 0;
  const onUnreadableRest = (more: number) => {
    unreadableRest = more;
  };
  const nobody: ReadonlySet<string> = new Set();
  const of = { ...deps, names, erased: erasures.readers };
  if (rest.after === undefined || rest.after < rest.upTo)
    for await (const file of writeFiles(
      { ...of, erasedNames: nobody },
      { ...writing, onUnreadableRest, range: rest },
    )) {
      await noteFile(folder, file);
      files.push(file);
    }

  for (;;) {
    const later = await findErasures(deps, erasures.upTo, options);
    const newly = [...later.readers].filter((id) => !erasures.readers.has(id));
    const erased = await erasedInCopy(deps, plan.exportId, newly);
    erasures = { readers: new Set([...erasures.readers, ...later.readers]), upTo: later.upTo };
    if (erased.size === 0) break;
    await replaceFiles({ ...of, erased: erasures.readers, erasedNames: erased }, work, writing);
    await forgetInCopy(deps, plan.exportId, erased);
  }

  const sum = (count: (file: ExportedFile) => number) => files.reduce((total, file) => total + count(file), 0);
  const manifest: Manifest = {
    ...plan,
    events: sum((file) => file.events),
    erased: { upTo: `${erasures.upTo}`, events: sum((file) => file.leftOut) },
    unreadable: sum((file) => file.unreadable) + unreadableRest,
    columns: columns.map(({ name, type }) => ({ name, type })),
    files,
  };
  await writeManifest(folder, manifest);
  await endProgress(folder);
  await rm(join(folder, workName), { recursive: true, force: true });
  await noteCopyEnded(deps.pool, plan.exportId, manifest.events);
  return manifest;
}

/** Rewrites the files that hold readers who were erased since. Rejects with ReplayRefused if the log does not have their events any more. */
async function replaceFiles(
  deps: Parameters<typeof writeFiles>[0],
  { plan, folder, files }: Work,
  options: Omit<Parameters<typeof writeFiles>[1], "range">,
): Promise<void> {
  const changed = (file: string) => new ReplayRefused(`${file} cannot be written anew: the log has changed before it`);
  const stale = { readers: deps.erasedNames, signal: options.signal };
  for (const old of await filesWith(deps.duck, plan, folder, files, stale)) {
    const range = { after: old.from === null ? undefined : BigInt(old.from), upTo: BigInt(old.last) };
    for await (const file of writeFiles(deps, { ...options, onEvents: () => {}, range })) {
      if (file.file !== old.file) throw changed(old.file);
      files[files.indexOf(old)] = file;
    }
    if (files.includes(old)) throw changed(old.file);
    await replaceProgress(folder, plan, files);
  }
}

function planOf({ format, identities, range, filters }: ExportRequest): ExportPlan {
  return { manifest: 1, exportId: randomUUID(), release: version, format, identities, range, filters };
}

function rangeOf({ range }: ExportPlan): LogRange {
  return { after: range.after === null ? undefined : BigInt(range.after), upTo: BigInt(range.upTo) };
}
