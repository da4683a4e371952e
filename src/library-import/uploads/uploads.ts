import type { Pool } from "../../platform/postgres.ts";
import type { ImportOptions, ImportResult } from "../importBook.ts";
import { removeBody, type StoredBody } from "./uploadBytes.ts";

/** The operator's values for the only book of an upload; JSON. */
export type UploadOptions = Pick<
  ImportOptions,
  "bookId" | "title" | "author" | "channel" | "category" | "force" | "replace"
>;

export type NewUpload = {
  readonly id: string;
  readonly requestedBy: string;
  /** Whether the operator logged in, so that an account must exist; with a development token there is none. */
  readonly loggedIn: boolean;
  /** The hash of body and options: the same id with another hash is refused. */
  readonly requestHash: string;
  readonly fileName: string;
  readonly options: UploadOptions;
  readonly body: StoredBody;
};

/** The state of an upload. `firstBooks` has at most a hundred of its books. */
export type UploadState = {
  readonly id: string;
  readonly state: "waiting" | "running" | "needs_decision" | "done" | "failed" | "rejected";
  readonly fileName: string;
  readonly stepsDone: number;
  readonly steps: number;
  readonly books: number;
  /** Books for which something was written. */
  readonly written: number;
  readonly firstBooks: readonly ImportResult[];
  /** Why it failed, or what an operator must decide. */
  readonly error: string | null;
  readonly warnings: readonly string[];
  /** UTF-16 units of the file's text, and those kept in the books; null before it is read, or without text. */
  readonly read: number | null;
  readonly kept: number | null;
  /** When an upload that waits for a decision is rejected. */
  readonly decideUntil: Date | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
};

const stateColumns = `id, state, file_name AS "fileName", steps_done AS "stepsDone", steps, books, written,
  first_books AS "firstBooks", error, warnings,
  read::float8, kept::float8, decide_until AS "decideUntil", created_at AS "createdAt", finished_at AS "finishedAt"`;

/**
 * Stores an upload until it is imported. `id_used` if the id was used for another one; repeating the same one changes nothing, and
 * deletes the repeated bytes. `account_gone`, which also deletes them, if the operator was erased in the meantime: an upload may
 * take longer than an erasure.
 */
export async function acceptUpload(pool: Pool, upload: NewUpload): Promise<"accepted" | "id_used" | "account_gone"> {
  const { id, requestedBy, loggedIn, requestHash, fileName, options, body } = upload;
  const inserted = await pool.query<{ isThere: boolean }>(
    `WITH account AS (SELECT erased_at FROM accounts WHERE reader_id = $2::uuid FOR SHARE),
          allowed AS (SELECT coalesce((SELECT erased_at IS NULL FROM account), NOT $8::boolean) AS is_there),
          inserted AS (
            INSERT INTO library_imports (id, requested_by, request_hash, file_name, options, body_id, body_size)
            SELECT $1, $2::uuid::text, $3, $4, $5, $6, $7 FROM allowed
            WHERE is_there
              AND (SELECT sum(octet_length(bytes)) FROM library_import_parts WHERE body_id = $6::uuid) = $7::bigint
            ON CONFLICT (id) DO NOTHING)
     SELECT is_there AS "isThere" FROM allowed`,
    [id, requestedBy, requestHash, fileName, JSON.stringify(options), body.bodyId, body.size, loggedIn],
  );
  if (inserted.rows[0]?.isThere !== true) {
    await removeBody(pool, body.bodyId);
    return "account_gone";
  }
  const { rows } = await pool.query<{ requestHash: string; bodyId: string | null }>(
    'SELECT request_hash AS "requestHash", body_id AS "bodyId" FROM library_imports WHERE id = $1',
    [id],
  );
  if (rows[0]?.bodyId !== body.bodyId) await removeBody(pool, body.bodyId);
  return rows[0]?.requestHash === requestHash ? "accepted" : "id_used";
}

/** The state of an upload; undefined if there is no such upload. */
export async function uploadState(pool: Pool, id: string): Promise<UploadState | undefined> {
  const { rows } = await pool.query<UploadState>(`SELECT ${stateColumns} FROM library_imports WHERE id = $1`, [id]);
  return rows[0];
}

/** The uploads of an operator, the newest first. */
export async function uploadsOf(pool: Pool, requestedBy: string): Promise<readonly UploadState[]> {
  const text = `SELECT ${stateColumns} FROM library_imports WHERE requested_by = $1 ORDER BY created_at DESC, id`;
  const { rows } = await pool.query<UploadState>(text, [requestedBy]);
  return rows;
}
