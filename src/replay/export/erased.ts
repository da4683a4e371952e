import { join } from "node:path";
import type { EventStore } from "../../event-store/types.ts";
import type { Pool } from "../../platform/postgres.ts";
import { forgetPseudonym } from "../copies.ts";
import type { Duck } from "../duck/database.ts";
import { literals } from "../duck/database.ts";
import { readFiles } from "../duck/readFiles.ts";
import { readErasures } from "../erasures.ts";
import { type LogSearchOptions, reportSearch } from "../logSearch.ts";
import { digestOf } from "./fileWriter.ts";
import type { ExportedFile, ExportPlan } from "./manifest.ts";
import { pathsOf } from "./writeFiles.ts";

type Stores = { readonly eventStore: Pick<EventStore, "readAll" | "readLogEnd">; readonly pool: Pool };

/** The erased readers, and the position up to which the log was searched for them. */
export type Erasures = { readonly readers: ReadonlySet<string>; readonly upTo: bigint };

/** Searches after `after`; readers erased before have no events there that could be shown. */
export async function findErasures(
  stores: Stores,
  after: bigint | undefined,
  options: LogSearchOptions = {},
): Promise<Erasures> {
  const upTo = (await stores.eventStore.readLogEnd()) ?? 0n;
  const onEvent = reportSearch("erased readers", upTo, options);
  return { readers: await readErasures(stores, after, options.signal, onEvent), upTo };
}

/**
 * The readers in a copy who are erased by now, as they are called there: those whose pseudonyms are deleted, and those whose accounts
 * are marked. `newly` are ids that the log names: an erasure that ended while the export ran may have come before the export knew them.
 */
export async function erasedInCopy(
  { pool }: Pick<Stores, "pool">,
  exportId: string,
  newly: Iterable<string>,
): Promise<ReadonlySet<string>> {
  for (const readerId of newly) await forgetPseudonym(pool, readerId);
  const { rows } = await pool.query<{ reader: string }>(
    `SELECT reader FROM replay_export_readers r WHERE export_id = $1 AND (erased_at IS NOT NULL OR EXISTS (
       SELECT FROM accounts a LEFT JOIN replay_pseudonyms p ON p.reader_id = a.reader_id::text
       WHERE a.erased_at IS NOT NULL AND r.reader IN (a.reader_id::text, p.pseudonym)))`,
    [exportId],
  );
  return new Set(rows.map(({ reader }) => reader));
}

/**
 * Returns the files of a copy that hold any of these readers, or differ from `files`: they were rewritten just before a crash.
 */
export async function filesWith(
  duck: Duck,
  { format }: Pick<ExportPlan, "format">,
  folder: string,
  files: readonly ExportedFile[],
  { readers, signal }: { readonly readers: ReadonlySet<string>; readonly signal: AbortSignal },
): Promise<readonly ExportedFile[]> {
  const found: ExportedFile[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    const [first] = await duck.rows(
      `SELECT 1 FROM ${readFiles(pathsOf(folder, [file]), format)} WHERE list_contains(${literals([...readers])}, reader) LIMIT 1`,
    );
    const isAsNoted = async () => (await digestOf(join(folder, file.file))) === file.sha256;
    if (first !== undefined || !(await isAsNoted())) found.push(file);
  }
  return found;
}

/** They are not in the copy any more. */
export async function forgetInCopy(
  { pool }: Pick<Stores, "pool">,
  exportId: string,
  readers: ReadonlySet<string>,
): Promise<void> {
  await pool.query("DELETE FROM replay_export_readers WHERE export_id = $1 AND reader = ANY($2)", [
    exportId,
    [...readers],
  ]);
}
