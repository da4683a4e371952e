import { rename, rm, stat } from "node:fs/promises";
import type { CopiesOptions } from "../cli/replay/copiesOptions.ts";
import type { SqlArguments } from "../cli/replay/sql.ts";
import { requireWritable } from "../platform/writableFile.ts";
import { type Duck, deleteDatabase, openDuck, type Streamed } from "../replay/duck/database.ts";
import { createEvents, warningsAbout, wholeCopies } from "../replay/duck/eventsTable.ts";
import { duckLimits } from "./duckLimits.ts";
import { withFreshCopy } from "./freshCopy.ts";

/** Runs a query over existing copies of events, or over a temporary copy. */
export async function queryEvents(
  asked: SqlArguments,
  print: (answer: Streamed) => Promise<void>,
  operatorName: string,
  options: CopiesOptions,
): Promise<void> {
  const { folders, from, to, sql } = asked;
  const into = asked.into === undefined ? undefined : await requireWritable(asked.into);
  if (folders.length > 0) return queryCopies({ sql, into }, folders, print, options);
  await withFreshCopy({ from, to }, { ...options, operatorName, keptIn: into }, (folder) =>
    queryCopies({ sql, into }, [folder], print, options),
  );
}

async function queryCopies(
  { sql, into }: Pick<SqlArguments, "sql" | "into">,
  folders: readonly string[],
  print: (answer: Streamed) => Promise<void>,
  { signal, onWarning }: CopiesOptions,
): Promise<void> {
  const [only] = folders;
  const kept = folders.length === 1 && only !== undefined && (await isFile(only)) && !only.endsWith(".json");
  if (kept && into !== undefined) throw new Error(`${only} is a database already: --into is for folders of copies`);
  const copies = kept ? [] : await wholeCopies(folders);
  for (const doubt of warningsAbout(copies)) onWarning(doubt);
  const query = async (file: { readonly path?: string; readonly readOnly?: boolean }) => {
    const duck = await openDuck({ ...file, limits: duckLimits(), signal });
    try {
      if (!kept) await createEvents(duck, copies, into !== undefined);
      if (sql !== undefined) await answer(duck, sql, print);
    } finally {
      duck.close();
    }
  };
  if (into === undefined) return query(kept ? { path: only, readOnly: true } : {});
  const growing = `${into}.unfinished`;
  await deleteDatabase(growing);
  try {
    await query({ path: growing });
    // The database that is replaced leaves a log if its writer was killed, or has it open: the new one would take that for its own.
    await rm(`${into}.wal`, { force: true });
    await rename(growing, into);
  } finally {
    await deleteDatabase(growing);
  }
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
