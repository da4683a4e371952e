import { chunksOf } from "../../platform/chunksOf.ts";
import type { NamedKey } from "../../platform/config.ts";
import { type Duck, literal } from "../duck/database.ts";
import { findErasures } from "../export/erased.ts";
import { pseudonymUnder } from "../pseudonyms.ts";
import { forgetInStates } from "./states.ts";

type Stores = Parameters<typeof findErasures>[0];
type Dependencies = Stores & {
  /** The keys in PSEUDONYM_KEYS. */
  readonly keys: readonly NamedKey[];
};

/** Readers who are looked up, and deleted, at once. */
const readersAtOnce = 10_000;

/**
 * Deletes the events and states of readers who were erased after `after`, or are about to be. `beforehand` is awaited before the first is
 * deleted: a process that is killed afterwards leaves no trace of whom it deleted. Returns how many readers have no pseudonym although no
 * erasure tells of them: Postgres was restored from a backup before their pseudonyms, and they may get others.
 */
export async function forgetErased(
  deps: Dependencies,
  duck: Duck,
  after: bigint,
  beforehand: () => Promise<void>,
): Promise<number> {
  const rows = await duck.rows<{ reader: string }>("SELECT DISTINCT reader FROM events WHERE reader IS NOT NULL");
  const all = rows.map(({ reader }) => reader);
  const nameless: string[] = [];
  for (const some of chunksOf(all, readersAtOnce)) {
    const held = await deps.pool.query<{ pseudonym: string }>(
      "SELECT pseudonym FROM replay_pseudonyms WHERE pseudonym = ANY($1)",
      [some],
    );
    const known = new Set(held.rows.map(({ pseudonym }) => pseudonym));
    nameless.push(...some.filter((reader) => !known.has(reader)));
  }
  // Later than the pseudonyms: who lost one by an erasure meanwhile is among them.
  const { readers } = await findErasures(deps, after);
  const erased = await pseudonymsOf(deps, [...readers]);
  const gone = all.filter((reader) => erased.has(reader));
  if (gone.length > 0) await beforehand();
  for (const some of chunksOf(gone, readersAtOnce)) {
    const list = some.map(literal).join(", ");
    await duck.run(`DELETE FROM events WHERE reader IN (${list})`);
    await forgetInStates(duck, list);
  }
  return nameless.filter((reader) => !erased.has(reader)).length;
}

/** Returns the pseudonyms that Postgres still has, and, as an erasure deletes them, those under every given key. */
async function pseudonymsOf({ pool, keys }: Dependencies, readerIds: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set(keys.flatMap((key) => readerIds.map((id) => pseudonymUnder(key, id))));
  for (const some of chunksOf(readerIds, readersAtOnce)) {
    const { rows } = await pool.query<{ pseudonym: string }>(
      "SELECT pseudonym FROM replay_pseudonyms WHERE reader_id = ANY($1)",
      [some],
    );
    for (const { pseudonym } of rows) found.add(pseudonym);
  }
  return found;
}
