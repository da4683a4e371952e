import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../platform/makeFolder.ts";
import { version } from "../../platform/version.ts";
import { type Duck, literal, openDuck } from "../duck/database.ts";
import { createEvents } from "../duck/eventsTable.ts";
import { readFiles } from "../duck/readFiles.ts";
import { discardCopy } from "../export/discardCopy.ts";
import { lookForErasures } from "../export/erased.ts";
import { type ExportDeps, runExport } from "../export/runExport.ts";
import { pathsOf } from "../export/writeFiles.ts";
import { type Published, readPublished, writePublished } from "./published.ts";
import { deleteUnfinished, publishViews } from "./publishViews.ts";
import { computeStates, forgetInStates } from "./states.ts";

/** Which tables the database has; another number has it made anew from the log. */
const layout = 2;
const release = `${version}/${layout}`;

/** In the folder: the copy of the events since the last refresh, while they are taken over. */
const copyName = "copy";

/** Readers whose pseudonyms are looked up at once. */
const readersAtOnce = 10_000;

/**
 * Brings the events in `folder` up to the log's end, computes the states of readers who have new ones, takes out readers who were erased, and
 * publishes these views as a new file. The files before the last are deleted. Only one process may do so at a time. Rejects with the signal's reason, or as the stores do;
 * may be repeated.
 */
export async function refreshAnalytics(
  deps: ExportDeps & { readonly folder: string },
  views: readonly string[],
  signal: AbortSignal,
): Promise<Published> {
  const { eventStore, folder } = deps;
  await makeFolder(folder);
  await deleteLeft(deps);
  const at = new Date().toISOString();
  const end = (await eventStore.readLogEnd()) ?? 0n;
  const current = await readPublished(folder);
  const hasViews = current !== undefined && views.every((view) => current.views.includes(view));
  if (hasViews && current.position === `${end}` && current.file.includes(version)) {
    const same = { ...current, at };
    await writePublished(folder, same);
    return same;
  }
  const duck = await openDuck({
    path: join(folder, "events.duckdb"),
    limits: deps.limits,
    temporaryIn: folder,
    signal,
  });
  try {
    const after = await begin(duck);
    if (after === undefined || after < end) await append(deps, duck, after, end, signal);
    await forgetErased(deps, duck, after);
    const file = `views-${version}-${String(end).padStart(20, "0")}-${randomUUID().slice(0, 8)}.duckdb`;
    const events = await publishViews(duck, folder, file, views);
    const published = { file, position: `${end}`, at, events, views: [...views] };
    await writePublished(folder, published);
    await deleteOld(folder, file, current?.file);
    return published;
  } finally {
    duck.close();
  }
}

/** The position up to which the database has events. One of another release is begun anew: its columns may be others. */
async function begin(duck: Duck): Promise<bigint | undefined> {
  await duck.run("CREATE TABLE IF NOT EXISTS progress (release VARCHAR, position VARCHAR)");
  const [known] = await duck.rows<{ release: string; position: string }>("SELECT * FROM progress");
  if (known?.release === release) return BigInt(known.position);
  await createEvents(duck, [], true);
  await duck.run("DELETE FROM progress");
  return undefined;
}

async function append(
  deps: ExportDeps & { readonly folder: string },
  duck: Duck,
  after: bigint | undefined,
  end: bigint,
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
        range: { after: after === undefined ? null : `${after}`, upTo: `${end}` },
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
async function takeOver(duck: Duck, events: string | undefined, after: bigint | undefined, end: bigint): Promise<void> {
  await duck.run("BEGIN");
  try {
    if (events !== undefined) await duck.run(`INSERT INTO events BY NAME SELECT * FROM ${events}`);
    await computeStates(duck, after);
    await duck.run("DELETE FROM progress");
    await duck.run(`INSERT INTO progress VALUES (${literal(release)}, '${end}')`);
    await duck.run("COMMIT");
  } catch (error) {
    await duck.run("ROLLBACK");
    throw error;
  }
}

/** Deletes the events of readers who have no pseudonym any more, if there were erasures since. */
async function forgetErased(deps: ExportDeps, duck: Duck, after: bigint | undefined): Promise<void> {
  const { readers } = await lookForErasures(deps, after);
  if (readers.size === 0) return;
  const rows = await duck.rows<{ reader: string }>("SELECT DISTINCT reader FROM events WHERE reader IS NOT NULL");
  const all = rows.map(({ reader }) => reader);
  for (let start = 0; start < all.length; start += readersAtOnce) {
    const some = all.slice(start, start + readersAtOnce);
    const held = await deps.pool.query<{ pseudonym: string }>(
      `SELECT pseudonym FROM replay_pseudonyms p WHERE pseudonym = ANY($1) AND NOT EXISTS (
         SELECT FROM accounts WHERE accounts.reader_id::text = p.reader_id AND erased_at IS NOT NULL)`,
      [some],
    );
    const known = new Set(held.rows.map(({ pseudonym }) => pseudonym));
    const gone = some.filter((reader) => !known.has(reader));
    if (gone.length === 0) continue;
    const list = gone.map(literal).join(", ");
    await duck.run(`DELETE FROM events WHERE reader IN (${list})`);
    await forgetInStates(duck, list);
  }
}

/** Deletes what processes that were killed left. */
async function deleteLeft({ pool, folder }: Pick<ExportDeps, "pool"> & { readonly folder: string }): Promise<void> {
  for (const name of await readdir(folder))
    if (/^duckdb-.*\.tmp$/.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  await deleteUnfinished(folder);
  await discardCopy(pool, join(folder, copyName));
}

/** Releases before 1 December 2026 also left unfinished files of such names. */
async function deleteOld(folder: string, ...kept: readonly (string | undefined)[]): Promise<void> {
  const old = (await readdir(folder)).filter((name) => /^views-.*\.duckdb/.test(name));
  for (const name of old) if (!kept.includes(name)) await rm(join(folder, name), { force: true });
}
