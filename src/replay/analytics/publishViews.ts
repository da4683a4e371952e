import { rename } from "node:fs/promises";
import { join } from "node:path";
import { type Duck, deleteDatabase, literal } from "../duck/database.ts";
import { viewsOfStates } from "./states.ts";

/** The name of the file of views while it is written. One is enough: only one process publishes. */
const growingName = "unfinished.duckdb";

/** Writes the views, of the states in the database, as tables into a file of their own; how many events they are of. */
export async function publishViews(
  duck: Duck,
  folder: string,
  file: string,
  views: readonly string[],
): Promise<number> {
  const growing = join(folder, growingName);
  await deleteUnfinished(folder);
  try {
    await duck.run(`ATTACH ${literal(growing)} AS published`);
    try {
      for (const view of views)
        await duck.run(`CREATE TABLE published.${view} AS SELECT * FROM (${viewsOfStates[view]}) ORDER BY ALL`);
    } finally {
      await duck.run("DETACH published");
    }
    await rename(growing, join(folder, file));
  } finally {
    await deleteUnfinished(folder);
  }
  const [counted] = await duck.rows<{ events: string }>("SELECT count(*) AS events FROM events");
  return Number(counted?.events ?? 0);
}

/** Deletes what is left of a file that a process began and did not end. */
export const deleteUnfinished = (folder: string): Promise<void> => deleteDatabase(join(folder, growingName));
