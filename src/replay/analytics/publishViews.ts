import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Duck, literal } from "../duck/database.ts";
import { viewsOfStates } from "./states.ts";

/** Writes the views, of the states in the database, as tables into a file of their own; how many events they are of. */
export async function publishViews(
  duck: Duck,
  folder: string,
  file: string,
  views: readonly string[],
): Promise<number> {
  const growing = join(folder, `${file}.unfinished`);
  await rm(growing, { force: true });
  await duck.run(`ATTACH ${literal(growing)} AS published`);
  try {
    for (const view of views)
      await duck.run(`CREATE TABLE published.${view} AS SELECT * FROM (${viewsOfStates[view]}) ORDER BY ALL`);
  } finally {
    await duck.run("DETACH published");
  }
  await rename(growing, join(folder, file));
  const [counted] = await duck.rows<{ events: string }>("SELECT count(*) AS events FROM events");
  return Number(counted?.events ?? 0);
}
