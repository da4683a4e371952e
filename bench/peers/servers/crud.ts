import express from "express";
import pg from "pg";
import { answerOf, type Command, readCommand, serve } from "./command.ts";

// CRUD: Express and Postgres, a table of shelved books and a log of changes, written in one transaction: BEGIN, two statements,
// COMMIT; or, with PEER_ONE_STATEMENT, both in one statement, which is its own transaction.

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 32 });
await pool.query(`CREATE TABLE shelf (reader_id uuid, book_id text, added_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (reader_id, book_id));
  CREATE TABLE shelf_log (id bigserial PRIMARY KEY, reader_id uuid NOT NULL, book_id text NOT NULL, type text NOT NULL, metadata jsonb NOT NULL)`);
const put = "INSERT INTO shelf (reader_id, book_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const remove = "DELETE FROM shelf WHERE reader_id = $1 AND book_id = $2";
const log = "INSERT INTO shelf_log (reader_id, book_id, type, metadata)";
type Logged = { readonly id: string };

/** Both resolve with the id of the change in the log, or undefined if nothing changed. */
async function inTransaction({ adds, readerId, bookId, metadata }: Command, type: string): Promise<string | undefined> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rowCount } = await client.query({ name: type, text: adds ? put : remove, values: [readerId, bookId] });
    const text = `${log} VALUES ($1, $2, $3, $4) RETURNING id`;
    const values = [readerId, bookId, type, metadata];
    const id = rowCount ? (await client.query<Logged>({ name: "log", text, values })).rows[0]?.id : undefined;
    await client.query("COMMIT");
    return id;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

async function inOneStatement({ adds, readerId, bookId, metadata }: Command, type: string) {
  const text = `WITH changed AS (${adds ? put : remove} RETURNING 1) ${log} SELECT $1, $2, $3::text, $4::jsonb FROM changed RETURNING id`;
  return (await pool.query<Logged>({ name: type, text, values: [readerId, bookId, type, metadata] })).rows[0]?.id;
}

const write = process.env.PEER_ONE_STATEMENT === "yes" ? inOneStatement : inTransaction;
const app = express().disable("x-powered-by").set("etag", false).use(express.json());
app.all("/v1/shelf/:bookId", readCommand, async (_request, response) => {
  const command = response.locals.command as Command;
  const type = command.adds ? "BookAddedToShelf" : "BookRemovedFromShelf";
  const id = await write(command, type);
  response.json(answerOf(0, id === undefined ? undefined : { type, position: BigInt(id) }));
});
serve(app);
