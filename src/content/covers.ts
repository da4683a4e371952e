import { createHash } from "node:crypto";
import type { Pool } from "../platform/postgres.ts";

/** The media types that a cover may have; none of them can carry a script. */
export const coverTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"] as const;

export type Cover = { readonly contentType: string; readonly bytes: Uint8Array };

/** Stores a cover unless it is there; resolves with the SHA-256 of its bytes, by which it is found again. */
export async function storeCover(pool: Pool, { contentType, bytes }: Cover): Promise<string> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const text = "INSERT INTO covers (sha256, content_type, bytes) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO NOTHING";
  await pool.query(text, [sha256, contentType, Buffer.from(bytes)]);
  return sha256;
}

/** A cover by its SHA-256; undefined if it is not there. */
export async function readCover(pool: Pool, sha256: string): Promise<Cover | undefined> {
  const text = `SELECT content_type AS "contentType", bytes FROM covers WHERE sha256 = $1`;
  const { rows } = await pool.query<Cover>({ name: "cover", text, values: [sha256] });
  return rows[0];
}
