import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { views } from "../views/index.ts";
import type { View } from "../views/view.ts";

/** The folder of the analytics, beside those of replays, whose names are UUIDs. */
export const analyticsFolder = "analytics";

/** The views that are published: those that count. A row of the others is an event. */
export const publishedViews: readonly View[] = views.filter(({ name }) => name !== "readings");

const published = z.strictObject({
  /** A DuckDB file beside this one with a table a view. */
  file: z.string(),
  /** The last event that it has. */
  position: z.string(),
  /** When that was the log's end: ISO 8601. */
  at: z.string(),
  events: z.int(),
});
export type Published = z.output<typeof published>;

const pointer = "current.json";
const askedFor = "asked";

/** The snapshot that is current; undefined before the first. */
export async function readPublished(folder: string): Promise<Published | undefined> {
  try {
    return published.parse(JSON.parse(await readFile(join(folder, pointer), "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes a snapshot the current one, in one step. */
export async function writePublished(folder: string, current: Published): Promise<void> {
  const path = join(folder, pointer);
  await writeFile(`${path}.partial`, JSON.stringify(current), { flush: true });
  await rename(`${path}.partial`, path);
}

/** Says that somebody asks: snapshots are made as long as somebody does. */
export async function noteAsked(folder: string, now = new Date()): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, askedFor), now.toISOString());
}

/** When somebody last asked; undefined if nobody did. */
export async function lastAsked(folder: string): Promise<Date | undefined> {
  const text = await readFile(join(folder, askedFor), "utf8").catch(() => undefined);
  return text === undefined ? undefined : new Date(text);
}
