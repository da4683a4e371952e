import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { EventStore } from "../../event-store/types.ts";
import type { Logger } from "../../platform/logger.ts";
import { makeFolder } from "../../platform/makeFolder.ts";
import { version } from "../../platform/version.ts";
import { type Duck, literal, openDuck } from "../duck/database.ts";
import { createEvents } from "../duck/eventsTable.ts";
import { readFiles } from "../duck/readFiles.ts";
import { discardCopy } from "../export/discardCopy.ts";
import { type ExportDependencies, runExport } from "../export/runExport.ts";
import { pathsOf } from "../export/writeFiles.ts";
import { forgetErased } from "./forgetErased.ts";
import { deleteOthers, keptBeside, stillPaged } from "./olderSnapshots.ts";
import { fileOf, type Published, readPublished, writePublished } from "./published.ts";
import { deleteUnfinished, publishViews } from "./publishViews.ts";
import { computeStates } from "./states.ts";

/** The version of the tables in the database; if it changes, the database is rebuilt from the log. */
const layout = 4;
const release = `${version}/${layout}`;

/** In the folder: the copy of the events since the last refresh, while they are taken over. */
const copyName = "copy";

export type AnalyticsDependencies = ExportDependencies & {
  readonly eventStore: ExportDependencies["eventStore"] & Pick<EventStore, "readLogAt">;
  readonly folder: string;
  readonly logger: Pick<Logger, "warn">;
};

/** The last event of the log; 0 and no id if it is empty. */
type LogEnd = { readonly position: bigint; readonly eventId: string };

/**
 * Brings the events in `folder` up to the log's end, computes the states of readers who have new ones, takes out readers who were erased, and
 * publishes these views as a new snapshot. Earlier ones stay while clients page in them, and until a reader is taken out. From a log that is
 * not the one before, as after a restore, everything is rebuilt, also if readers have lost their pseudonyms without an erasure, as in a Postgres restored from
 * an older backup. Only one process may do so at a time. Rejects with the signal's reason, or as the stores do; may be repeated.
 */
export async function refreshAnalytics(
  deps: AnalyticsDependencies,
  views: readonly string[],
  signal: AbortSignal,
): Promise<Published> {
  const { eventStore, folder } = deps;
  await makeFolder(folder);
  await deleteLeft(deps);
  const at = new Date().toISOString();
  const end = await endOf(eventStore);
  const publish = async (published: Published) => {
    await writePublished(folder, published);
    await deleteOthers(folder, published);
    return published;
  };
  const found = await readPublished(folder);
  let current = found?.release === release ? found : undefined;
  const isUpToDate = current?.position === `${end.position}` && current.eventId === end.eventId;
  if (current !== undefined && isUpToDate && !current.hasErased && hasAll(current, views))
    return publish({ ...current, at, older: await stillPaged(folder, current.older) });
  const dropOlder = async () => {
    if (current?.hasErased === false) current = await publish({ ...current, hasErased: true, older: [] });
  };
  const duck = await openDuck({
    path: join(folder, "events.duckdb"),
    limits: deps.limits,
    temporaryIn: folder,
    signal,
  });
  try {
    let after = await begin(duck, eventStore);
    // Before the progress is saved: after a refresh that is killed the next finds the same erasures.
    const nameless = after === undefined ? 0 : await forgetErased(deps, duck, after, dropOlder);
    if (nameless > 0) {
      deps.logger.warn(
        { count: nameless },
        "readers of the analytics have no pseudonym and were not erased: the views are made anew from the log",
      );
      await beginAnew(duck);
      after = undefined;
    }
    // A rebuild lacks readers who were erased since, and has no record of them.
    if (after === undefined) await dropOlder();
    if (after === undefined || after < end.position) await append(deps, duck, after, end, signal);
    const id = randomUUID();
    const events = await publishViews(duck, folder, fileOf({ id }), views);
    const older = await keptBeside(folder, current);
    const { position, eventId } = end;
    return await publish({
      id,
      release,
      position: `${position}`,
      eventId,
      at,
      events,
      views: [...views],
      hasErased: false,
      older,
    });
  } finally {
    duck.close();
  }
}

const hasAll = (snapshot: Published, views: readonly string[]) => views.every((view) => snapshot.views.includes(view));

async function endOf({ readLogEnd, readLogAt }: AnalyticsDependencies["eventStore"]): Promise<LogEnd> {
  const position = await readLogEnd();
  const last = position === undefined ? undefined : await readLogAt(position);
  return { position: position ?? 0n, eventId: last?.id ?? "" };
}

/**
 * The position up to which the database has events. It begins again if it is of another release, as its columns may be others, and if the log does
 * not have its last event there: it is another log, or a scavenge took that event.
 */
async function begin(duck: Duck, eventStore: AnalyticsDependencies["eventStore"]): Promise<bigint | undefined> {
  await duck.run("CREATE TABLE IF NOT EXISTS progress (release VARCHAR, position VARCHAR)");
  // No column of `progress`: releases before, which may run beside this one, write two.
  await duck.run("CREATE TABLE IF NOT EXISTS last_event (id VARCHAR)");
  const [known] = await duck.rows<{ release: string; position: string; id: string }>(
    "SELECT release, position, id FROM progress, last_event",
  );
  if (known?.release === release) {
    const found = await eventStore.readLogAt(BigInt(known.position));
    if (found?.id === known.id) return BigInt(known.position);
  }
  await beginAnew(duck);
  return undefined;
}

async function beginAnew(duck: Duck): Promise<void> {
  await createEvents(duck, [], true);
  await duck.run("DELETE FROM progress");
}

async function append(
  deps: AnalyticsDependencies,
  duck: Duck,
  after: bigint | undefined,
  end: LogEnd,
  signal: AbortSignal,
): Promise<void> {
  const copy = join(deps.folder, copyName);
  try {
    const { files } = await runExport(
      deps,
      {
        format: "parquet",
        identities: false,
        identitiesReason: undefined,
        range: { after: after === undefined ? null : `${after}`, upTo: `${end.position}` },
        endAsked: true,
        filters: { types: [], books: [], readers: [] },
        folder: copy,
        requestedBy: "analytics",
        place: `${hostname()}:${copy}`,
      },
      { onProgress: () => {}, signal },
    );
    await takeOver(duck, files.length === 0 ? undefined : readFiles(pathsOf(copy, files), "parquet"), after, end);
  } finally {
    // Erased readers are taken out of the database here, with no list of who is in it.
    await discardCopy(deps.pool, copy);
  }
}

/** Adds the events (SQL; undefined: none) to the database, which then has those up to `end`. */
async function takeOver(duck: Duck, events: string | undefined, after: bigint | undefined, end: LogEnd): Promise<void> {
  await duck.run("BEGIN");
  try {
    if (events !== undefined) await duck.run(`INSERT INTO events BY NAME SELECT * FROM ${events}`);
    await computeStates(duck, after);
    await duck.run("DELETE FROM progress");
    await duck.run(`INSERT INTO progress VALUES (${literal(release)}, '${end.position}')`);
    await duck.run("DELETE FROM last_event");
    await duck.run(`INSERT INTO last_event VALUES (${literal(end.eventId)})`);
    await duck.run("COMMIT");
  } catch (error) {
    await duck.run("ROLLBACK");
    throw error;
  }
}

/** Deletes what processes that were killed left. */
async function deleteLeft({
  pool,
  folder,
}: Pick<ExportDependencies, "pool"> & { readonly folder: string }): Promise<void> {
  for (const name of await readdir(folder))
    if (/^duckdb-.*\.tmp$/.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  await deleteUnfinished(folder);
  await discardCopy(pool, join(folder, copyName));
}
