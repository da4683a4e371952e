import { mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AskedSql } from "../cli/replay/sql.ts";
import { forgetCopy } from "../replay/copies.ts";
import { type Duck, openDuck, type Streamed } from "../replay/duck/database.ts";
import { createEvents, wholeCopies } from "../replay/duck/eventsTable.ts";
import type { ExportOptions } from "../replay/export/runExport.ts";
import { withParts } from "./cliParts.ts";
import { exportEvents } from "./exportEvents.ts";

/** Answers a query over copies of events, or over one that is made for it and deleted. */
export async function askEvents(
  asked: AskedSql,
  print: (answer: Streamed) => Promise<void>,
  whoever: string,
  options: ExportOptions,
): Promise<void> {
  const { folders } = asked;
  if (folders.length > 0) return askCopies(asked, folders, print);
  const folder = await mkdtemp(join(tmpdir(), "heima-replay-"));
  const { from, to, into } = asked;
  const nothing = {
    since: undefined,
    types: undefined,
    books: undefined,
    readers: undefined,
    identitiesReason: undefined,
  };
  try {
    await withParts(async (parts) => {
      // Of the events only a file that is kept is a copy.
      const copy = { from, to, ...nothing, format: "parquet" as const, folder, by: undefined };
      const manifest = await exportEvents(parts, copy, whoever, options, into);
      await askCopies(asked, [folder], print);
      if (into === undefined) await forgetCopy(parts.pool, manifest.exportId);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function askCopies(
  { sql, into }: AskedSql,
  folders: readonly string[],
  print: (answer: Streamed) => Promise<void>,
): Promise<void> {
  const [only] = folders;
  const kept = folders.length === 1 && only !== undefined && (await isFile(only)) && !only.endsWith(".json");
  if (kept && into !== undefined) throw new Error(`${only} is a database already: --into is for folders of copies`);
  const growing = into === undefined ? undefined : `${into}.unfinished`;
  if (growing !== undefined) await rm(growing, { force: true });
  const duck = await openDuck(kept ? { path: only, readOnly: true } : growing === undefined ? {} : { path: growing });
  try {
    if (!kept) await createEvents(duck, await wholeCopies(folders), into !== undefined);
    if (sql !== undefined) await answer(duck, sql, print);
  } finally {
    duck.close();
  }
  if (growing !== undefined && into !== undefined) await rename(growing, into);
}

async function answer(duck: Duck, sql: string, print: (answer: Streamed) => Promise<void>): Promise<void> {
  await print(await duck.stream(sql));
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
