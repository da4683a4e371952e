import { randomUUID } from "node:crypto";
import type { Pool } from "../platform/postgres.ts";
import type { Identity } from "./accessTokens.ts";
import { AccountGone } from "./accountGone.ts";
import { type Role, roles } from "./roles.ts";

const find = { name: "account-by-openid", text: "SELECT reader_id, roles FROM accounts WHERE openid = $1" };

const add = {
  name: "add-account",
  text: `INSERT INTO accounts (reader_id, openid, registered_at, roles)
         VALUES ($1, $2, now(), '{reader}')
         ON CONFLICT (openid) DO NOTHING`,
};

type Row = { readonly reader_id: string; readonly roles: readonly string[] };

/** Random: one that told the time of registration would lead from copies with pseudonyms to the reader. */
export const newReaderId = (): string => randomUUID();

/**
 * The account of a WeChat openid; an unknown openid gets one with `readerId`. Of two simultaneous first logins one inserts
 * the row and both get its id: the conflicting insert waits until the other has committed. Rejects with AccountGone if the
 * account is deleted at the same time.
 */
export async function accountFor(pool: Pool, openid: string, readerId: string): Promise<Identity> {
  const known = await pool.query<Row>({ ...find, values: [openid] });
  if (known.rows[0] !== undefined) return identityOf(known.rows[0]);
  await pool.query({ ...add, values: [readerId, openid] });
  const added = await pool.query<Row>({ ...find, values: [openid] });
  if (added.rows[0] === undefined) throw new AccountGone();
  return identityOf(added.rows[0]);
}

/** Unknown roles, for example of a later version, are ignored. */
export function identityOf(row: Row): Identity {
  return { readerId: row.reader_id, roles: roles.filter((role) => row.roles.includes(role)) };
}

const grant = {
  name: "grant-role",
  text: `UPDATE accounts SET roles = CASE WHEN $2 = ANY (roles) THEN roles ELSE array_append(roles, $2) END
         WHERE reader_id = $1 AND erased_at IS NULL RETURNING roles`,
};

const revoke = {
  name: "revoke-role",
  text: `UPDATE accounts SET roles = array_remove(roles, $2)
         WHERE reader_id = $1 AND erased_at IS NULL RETURNING roles`,
};

/** Grants a role (idempotent). Returns the account's roles, or undefined if there is no such account or it was erased. */
export const grantRole = (pool: Pool, readerId: string, role: Role) => change(pool, grant, readerId, role);

/** Revokes a role (idempotent). Returns the account's roles, or undefined if there is no such account or it was erased. */
export const revokeRole = (pool: Pool, readerId: string, role: Role) => change(pool, revoke, readerId, role);

async function change(pool: Pool, statement: typeof grant, readerId: string, role: Role) {
  const { rows } = await pool.query<Pick<Row, "roles">>({ ...statement, values: [readerId, role] });
  return rows[0]?.roles;
}
