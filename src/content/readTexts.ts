import { chunksOf } from "../platform/chunksOf.ts";
import type { Pool } from "../platform/postgres.ts";

/** Texts per statement. */
const together = 200;

/** The texts with these SHA-256s; those that are not stored are missing. */
export async function readTexts(pool: Pool, sha256s: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const some of chunksOf(sha256s, together)) {
    const statement = "SELECT sha256, text FROM content WHERE sha256 = ANY ($1)";
    const { rows } = await pool.query<{ sha256: string; text: string }>(statement, [some]);
    for (const { sha256, text } of rows) texts.set(sha256, text);
  }
  return texts;
}
