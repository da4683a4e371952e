import { LRUCache } from "lru-cache";
import type { Pool } from "../platform/postgres.ts";

/** Reads a chapter's text by its SHA-256; undefined if it is not there. */
export type ReadText = (sha256: string) => Promise<string | undefined>;

/** UTF-16 units that are kept, two bytes each at most: 64 MiB, some 8,000 chapters. */
const kept = 32 * 1024 * 1024;

/** Reads texts from Postgres, and keeps those that are read most: a text never changes under its hash. */
export function createTextReader(pool: Pool): ReadText {
  const texts = new LRUCache<string, string>({ maxSize: kept, sizeCalculation: (text) => text.length + 100 });
  return async (sha256) => {
    const known = texts.get(sha256);
    if (known !== undefined) return known;
    const statement = { name: "text", text: "SELECT text FROM content WHERE sha256 = $1" };
    const { rows } = await pool.query<{ text: string }>({ ...statement, values: [sha256] });
    const text = rows[0]?.text;
    if (text !== undefined) texts.set(sha256, text);
    return text;
  };
}
