import { chunksOf } from "../../platform/chunksOf.ts";
import { type Duck, literal } from "../duck/database.ts";
import { lookForErasures } from "../export/erased.ts";
import { forgetInStates } from "./states.ts";

type Stores = Parameters<typeof lookForErasures>[0];

/** Readers whose pseudonyms are looked up at once. */
const readersAtOnce = 10_000;

/**
 * Deletes the events and states of readers who have no pseudonym any more, if there were erasures after `after`. `beforehand` is awaited
 * before the first is deleted: a process that is killed afterwards leaves no trace of whom it deleted.
 */
export async function forgetErased(
  deps: Stores,
  duck: Duck,
  after: bigint,
  beforehand: () => Promise<void>,
): Promise<void> {
  const { readers } = await lookForErasures(deps, after);
  if (readers.size === 0) return;
  const rows = await duck.rows<{ reader: string }>("SELECT DISTINCT reader FROM events WHERE reader IS NOT NULL");
  const all = rows.map(({ reader }) => reader);
  for (const some of chunksOf(all, readersAtOnce)) {
    const held = await deps.pool.query<{ pseudonym: string }>(
      `SELECT pseudonym FROM replay_pseudonyms p WHERE pseudonym = ANY($1) AND NOT EXISTS (
         SELECT FROM accounts WHERE accounts.reader_id::text = p.reader_id AND erased_at IS NOT NULL)`,
      [some],
    );
    const known = new Set(held.rows.map(({ pseudonym }) => pseudonym));
    const gone = some.filter((reader) => !known.has(reader));
    if (gone.length === 0) continue;
    await beforehand();
    const list = gone.map(literal).join(", ");
    await duck.run(`DELETE FROM events WHERE reader IN (${list})`);
    await forgetInStates(duck, list);
  }
}
