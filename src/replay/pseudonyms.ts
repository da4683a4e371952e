import { createHmac, type KeyObject } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { NamedKey } from "../platform/config.ts";
import type { Pool } from "../platform/postgres.ts";
import type { Identity } from "./schema/cells.ts";

/** The names of readers in exports. `of` returns the names of these readers; those who are erased have none. */
export type ReaderNames = { of(readerIds: Iterable<string>): Promise<ReadonlyMap<string, Identity>> };

/** Returns whether a text has the form of a pseudonym; ids of readers are UUIDs. */
export const isPseudonym = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

type Row = { readonly reader_id: string; readonly pseudonym: string; readonly device_key: Buffer };

/** Readers whose names stay in memory. */
const maxKnown = 50_000;

/** In which copy readers are noted before they are written into it; null where nothing is written. */
type Into = { readonly exportId: string; readonly identities: boolean } | null;

/**
 * The names of readers in a copy. A pseudonym is the first half of HMAC-SHA-256 (RFC 2104) of the reader id under the first of `keys`. It
 * is kept in Postgres, so that it stays when another key comes first, until the reader is erased: old copies and new ones can be
 * joined. Without the keys and Postgres it cannot be told from random bytes, and ids cannot be tried on it.
 */
export function createReaderNames(pool: Pick<Pool, "query">, keys: readonly NamedKey[], into: Into): ReaderNames {
  const [current] = keys;
  if (current === undefined) throw new Error("there is no key to make pseudonyms with");
  const known = new LRUCache<string, Identity>({ max: maxKnown });
  const held = async (ids: readonly string[], found: Map<string, Identity>) => {
    const values = into === null ? [ids] : [ids, into.exportId, into.identities];
    const { rows } = await pool.query<Row>(into === null ? select : selectAndNote, values);
    for (const { reader_id: id, pseudonym, device_key } of rows) {
      const identity = { reader: into?.identities ? id : pseudonym, key: keyedBy(device_key) };
      known.set(id, identity);
      found.set(id, identity);
    }
  };
  return {
    async of(readerIds) {
      const found = new Map<string, Identity>();
      const unknown: string[] = [];
      for (const id of readerIds) {
        const identity = known.get(id);
        if (identity === undefined) unknown.push(id);
        else found.set(id, identity);
      }
      if (unknown.length === 0) return found;
      await held(unknown, found);
      const made = unknown.filter((id) => !found.has(id)).sort();
      if (made.length === 0) return found;
      await pool.query(insert, [
        made,
        made.map((id) => pseudonymUnder(current, id)),
        made.map((id) => hash(current.key, `devices of ${id}`).toString("hex")),
        current.kid,
      ]);
      await held(made, found);
      return found;
    },
  };
}

/** The pseudonym of a reader under this key. Pseudonyms under earlier keys stay: Postgres has the one of each reader. */
export const pseudonymUnder = ({ key }: NamedKey, readerId: string): string =>
  hash(key, `reader ${readerId}`).subarray(0, 16).toString("hex");

const select = "SELECT reader_id, pseudonym, device_key FROM replay_pseudonyms WHERE reader_id = ANY($1)";

/** The lock makes an erasure wait, which then finds the note: see `forgetPseudonym`. */
const selectAndNote = `WITH held AS (${select} ORDER BY reader_id FOR KEY SHARE), noted AS (
    INSERT INTO replay_export_readers (export_id, reader)
    SELECT $2, CASE WHEN $3 THEN reader_id ELSE pseudonym END FROM held
    ON CONFLICT DO NOTHING
  ) SELECT * FROM held`;

const insert = `INSERT INTO replay_pseudonyms (reader_id, pseudonym, device_key, kid)
  SELECT reader_id, pseudonym, decode(device_key, 'hex'), $4
  FROM unnest($1::text[], $2::text[], $3::text[]) AS made (reader_id, pseudonym, device_key)
  WHERE NOT EXISTS (
    SELECT FROM accounts WHERE accounts.reader_id::text = made.reader_id AND accounts.erased_at IS NOT NULL
  )
  ON CONFLICT DO NOTHING`;

/** Values of one reader that come again are few; of others, such as ids of entries, none is kept. */
function keyedBy(key: Buffer): Identity["key"] {
  const known = new Map<string, string>();
  return (value, comesAgain) => {
    const made = known.get(value) ?? hash(key, value).subarray(0, 8).toString("hex");
    if (comesAgain && known.size < 16) known.set(value, made);
    return made;
  };
}

function hash(key: KeyObject | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
