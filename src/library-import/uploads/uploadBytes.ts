import { randomUUID } from "node:crypto";
import type { Pool } from "../../platform/postgres.ts";

/** The size of a row in bytes: what an upload holds in memory while it arrives. */
const partBytes = 512 * 1024;
/** The interval at which a slow upload is written, in milliseconds, as a sign of life. */
const writeEveryMs = 30_000;
/** Parts without an upload, all older than this (seconds), belong to an interrupted upload. */
const abandonedAfterSeconds = 15 * 60;

/** Bytes stored in Postgres, in order. */
export type StoredBody = { readonly bodyId: string; readonly size: number };

/**
 * Writes bytes to Postgres as they arrive, one part at a time. Rejects as their iteration does; what was written by then is
 * removed, or, if that fails too, removed later by `removeAbandonedBodies`.
 */
export async function storeBody(pool: Pool, bytes: AsyncIterable<Uint8Array>): Promise<StoredBody> {
  const bodyId = randomUUID();
  let [size, no, pendingBytes, writtenAt] = [0, 0, 0, Date.now()];
  let pending: Uint8Array[] = [];
  const write = async () => {
    if (pendingBytes === 0) return;
    const part = Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    await pool.query("INSERT INTO library_import_parts (body_id, no, bytes) VALUES ($1, $2, $3)", [bodyId, no, part]);
    no += 1;
    writtenAt = Date.now();
  };
  try {
    for await (const chunk of bytes) {
      pending.push(chunk);
      pendingBytes += chunk.length;
      size += chunk.length;
      if (pendingBytes >= partBytes || Date.now() - writtenAt > writeEveryMs) await write();
    }
    await write();
    return { bodyId, size };
  } catch (error) {
    await removeBody(pool, bodyId).catch(() => {});
    throw error;
  }
}

/** The bytes of a body, part by part. Throws if a part is missing. */
export async function* storedBody(pool: Pool, { bodyId, size }: StoredBody): AsyncGenerator<Buffer> {
  let left = size;
  for (let no = 0; left > 0; no++) {
    const text = "SELECT bytes FROM library_import_parts WHERE body_id = $1 AND no = $2";
    const { rows } = await pool.query<{ bytes: Buffer }>(text, [bodyId, no]);
    if (rows[0] === undefined) throw new Error(`part ${no} of the body ${bodyId} is not there`);
    left -= rows[0].bytes.length;
    yield rows[0].bytes;
  }
}

/** Removes a body, if it exists. */
export async function removeBody(pool: Pool, bodyId: string): Promise<void> {
  await pool.query("DELETE FROM library_import_parts WHERE body_id = $1", [bodyId]);
}

/** Removes the bodies of uploads that were interrupted because the API or its connection died. */
export async function removeAbandonedBodies(pool: Pool): Promise<void> {
  await pool.query(
    `DELETE FROM library_import_parts WHERE body_id IN (
       SELECT body_id FROM library_import_parts AS part
       WHERE NOT EXISTS (SELECT FROM library_imports AS import WHERE import.body_id = part.body_id)
       GROUP BY body_id HAVING max(stored_at) < now() - make_interval(secs => $1))`,
    [abandonedAfterSeconds],
  );
}
