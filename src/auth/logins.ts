import type { Pool } from "../platform/postgres.ts";

/** An active login: a family of refresh tokens. */
export type Login = {
  readonly id: string;
  /** The User-Agent of the login or the last refresh; null if there was none. */
  readonly userAgent: string | null;
  readonly createdAt: Date;
  /** The time of the login or the last refresh. */
  readonly usedAt: Date;
  readonly expiresAt: Date;
};

const open = "revoked_at IS NULL AND expires_at > now()";

const columns = `family_id AS id, user_agent AS "userAgent", created_at AS "createdAt", used_at AS "usedAt",
  expires_at AS "expiresAt"`;

const list = {
  name: "logins-of-reader",
  text: `SELECT ${columns}
         FROM refresh_families WHERE reader_id = $1 AND ${open} ORDER BY used_at DESC, family_id`,
};

/** The active logins of a reader, the last used first. */
export async function loginsOf(pool: Pool, readerId: string): Promise<readonly Login[]> {
  const { rows } = await pool.query<Login>({ ...list, values: [readerId] });
  return rows;
}

const listStored = {
  name: "stored-logins-of-reader",
  text: `SELECT ${columns}, coalesce(revoked_at, CASE WHEN expires_at <= now() THEN expires_at END) AS "endedAt"
         FROM refresh_families WHERE reader_id = $1 ORDER BY used_at DESC, family_id`,
};

/** All stored logins of a reader, the last used first; `endedAt`, when it was ended or expired, is null for an active one. */
export async function storedLoginsOf(
  pool: Pool,
  readerId: string,
): Promise<readonly (Login & { readonly endedAt: Date | null })[]> {
  const { rows } = await pool.query<Login & { readonly endedAt: Date | null }>({ ...listStored, values: [readerId] });
  return rows;
}

const endOne = {
  name: "end-login",
  text: `UPDATE refresh_families SET revoked_at = coalesce(revoked_at, now()) WHERE reader_id = $1 AND family_id = $2`,
};

/** Ends a login with all its refresh tokens (idempotent). False if the reader has no such login. */
export async function endLogin(pool: Pool, readerId: string, id: string): Promise<boolean> {
  const { rowCount } = await pool.query({ ...endOne, values: [readerId, id] });
  return rowCount === 1;
}

const endThem = {
  name: "end-logins",
  text: `UPDATE refresh_families SET revoked_at = now() WHERE reader_id = $1 AND ${open}`,
};

/** Ends all logins of a reader; returns their number. */
export async function endLogins(pool: Pool, readerId: string): Promise<number> {
  const { rowCount } = await pool.query({ ...endThem, values: [readerId] });
  return rowCount ?? 0;
}
