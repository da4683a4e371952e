import type { EventStore } from "../../event-store/types.ts";
import type { NamedKey } from "../../platform/config.ts";
import type { Pool } from "../../platform/postgres.ts";
import { readErasures } from "../erasures.ts";
import { createReaderNames, isPseudonym } from "../pseudonyms.ts";
import { OtherRelease, ReplayRefused } from "../replayRefused.ts";
import type { ExportFilters, ExportPlan } from "./manifest.ts";

type Stores = {
  readonly eventStore: Pick<EventStore, "readAll">;
  readonly pool: Pool;
  readonly keys: readonly NamedKey[];
};

/**
 * The filters as the plan, the manifest and Postgres keep them: without identities the readers by pseudonym, sorted. An id there would
 * say, also after the reader's erasure, whose pseudonym is in the copy. Rejects with ReplayRefused if a reader is erased.
 */
export async function keptFilters(
  { eventStore, pool, keys }: Stores,
  { filters, identities }: { readonly filters: ExportFilters; readonly identities: boolean },
  signal?: AbortSignal,
): Promise<ExportFilters> {
  const ids = filters.readers;
  if (ids.length === 0) return filters;
  const { rowCount } = await pool.query("SELECT FROM replay_pseudonyms WHERE reader_id = ANY($1)", [ids]);
  // A reader without a pseudonym may have been erased, and must not get one: only the log still knows.
  const erased =
    rowCount === ids.length ? new Set<string>() : await readErasures({ eventStore, pool }, undefined, signal);
  const names = await createReaderNames(pool, keys, null).of(ids.filter((id) => !erased.has(id)));
  const nameless = ids.find((id) => !names.has(id));
  if (nameless !== undefined) throw new ReplayRefused(`reader ${nameless} is erased: ask without`);
  return identities ? filters : { ...filters, readers: [...names.values()].map(({ reader }) => reader).sort() };
}

/** Throws OtherRelease if a copy with pseudonyms was asked for by ids and keeps them, as releases before 1 December 2026 did. */
export function requireNoIds({ filters, identities }: ExportPlan, folder: string): void {
  if (!identities && !filters.readers.every(isPseudonym))
    throw new OtherRelease(`${folder} holds an export of an earlier release, with ids of readers beside it: delete it`);
}

/** The ids of the readers in kept filters. Rejects with ReplayRefused if one of them was erased since. */
export async function readersAskedFor(
  pool: Pick<Pool, "query">,
  { readers }: ExportFilters,
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string; pseudonym: string }>(
    "SELECT reader_id AS id, pseudonym FROM replay_pseudonyms WHERE pseudonym = ANY($1)",
    [readers],
  );
  const ids = new Map(rows.map(({ id, pseudonym }) => [pseudonym, id]));
  return readers.map((reader) => {
    const id = isPseudonym(reader) ? ids.get(reader) : reader;
    if (id === undefined)
      throw new ReplayRefused(`reader ${reader} of that copy is erased: name the others by --reader`);
    return id;
  });
}
