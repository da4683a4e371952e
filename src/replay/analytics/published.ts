import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../../platform/makeFolder.ts";
import { replaceFile } from "../../platform/replaceFile.ts";
import { views } from "../views/index.ts";
import type { View } from "../views/view.ts";

/** The folder of the analytics, beside those of replays, whose names are UUIDs. */
export const analyticsFolder = "analytics";

/** The views that are published: those that count. A row of the others is an event. */
export const publishedViews: readonly View[] = views.filter(({ name }) => name !== "readings" && name !== "repeats");

/**
 * Views with a row for each session, for each chapter of each book, or for each pair of books: they are computed only
 * while they are requested.
 */
const largeViews: ReadonlySet<string> = new Set(["sessions", "chapter_funnel", "books_together"]);

/** The views that are made while these are asked for. */
export function viewsToMake(asked: readonly string[]): readonly string[] {
  const names = publishedViews.map(({ name }) => name);
  return asked.length === 0 ? [] : names.filter((name) => !largeViews.has(name) || asked.includes(name));
}

const snapshot = z.object({
  id: z.uuid(),
  /** The last event that it has. */
  position: z.string(),
  /** When that was the log's end: ISO 8601. */
  at: z.string(),
  events: z.int(),
  /** The views that are in the file. */
  views: z.array(z.string()),
});
export type Snapshot = z.output<typeof snapshot>;

const published = snapshot.extend({
  /** Of the event at `position`; releases before did not write it. */
  eventId: z.string().optional(),
  /** Of what made it. */
  release: z.string(),
  /** Whether it contains readers who were erased since: then it is not paged any more once there is a newer one. */
  hasErased: z.boolean(),
  /** The snapshots whose further pages can be requested, the newest first. */
  older: z.array(snapshot),
});
export type Published = z.output<typeof published>;

/** Releases before 1 December 2026, which may run beside this one for a while, keep another pointer, `current.json`, and other files. */
const pointer = "snapshots.json";

/** The DuckDB file of a snapshot, beside the pointer, with a table for each of the views, its rows in order. */
export const fileOf = ({ id }: Pick<Snapshot, "id">): string => `snapshot-${id}.duckdb`;

/** The snapshot that is current; undefined before the first, and if it is of a release that wrote other things of it. */
export async function readPublished(folder: string): Promise<Published | undefined> {
  try {
    return published.safeParse(JSON.parse(await readFile(join(folder, pointer), "utf8"))).data;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes a snapshot the current one, in one step. */
export async function writePublished(folder: string, current: Published): Promise<void> {
  await replaceFile(join(folder, pointer), JSON.stringify(current));
}

const askedFor = (view: string) => `asked-${view}`;

/** Notes a request for a view: a view is computed as long as it is requested. */
export async function noteAsked(folder: string, view: string): Promise<void> {
  await makeFolder(folder);
  await writeFile(join(folder, askedFor(view)), "");
}

/** The views requested in the last `withinMs`. */
export async function viewsAsked(folder: string, withinMs: number): Promise<readonly string[]> {
  const asked: string[] = [];
  for (const { name } of publishedViews) if (await isNoted(folder, askedFor(name), withinMs)) asked.push(name);
  return asked;
}

/** Returns whether a note was written in the last `withinMs`. */
export async function isNoted(folder: string, name: string, withinMs: number): Promise<boolean> {
  const found = await stat(join(folder, name)).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs <= withinMs;
}
