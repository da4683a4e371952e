import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { streamsOfReader } from "../../../src/domain/streams.ts";
import { ask } from "../load/ask.ts";
import { emptyJournal } from "../load/journal.ts";
import { type Addresses, logIn, type Reader } from "../load/reader.ts";
import { type LoggedEvent, notTombstoned } from "./log.ts";

/** Maximum time for an erasure after the last fault. */
const patienceMs = 90_000;

type Servers = Addresses & { readonly environment: Readonly<Record<string, string>> };

/** Waits until every reader who requested it is erased; returns a line for each who is not after a while. */
export async function untilErased(at: Addresses, readers: readonly Reader[]): Promise<readonly string[]> {
  const until = Date.now() + patienceMs;
  const wrong: string[] = [];
  for (const { id, accessToken } of readers.filter(({ gone }) => gone)) {
    for (;;) {
      const answer = await asErased(at, accessToken, "DELETE", "/v1/me");
      if (answer?.status === 202 && (answer.body as { state: string }).state === "erased") break;
      // The request has a token issued under a wrong clock.
      if (codeOf(answer) === "token_expired") break;
      if (Date.now() > until) {
        wrong.push(`the erasure of ${id} is not done: ${answer?.status} ${JSON.stringify(answer?.body)}`);
        break;
      }
      await sleep(200);
    }
  }
  return wrong;
}

/**
 * Finds remains of erased readers: tokens that are accepted, streams that are not tombstoned, an account whose stream does not
 * end with the erasure, rows that name them. `compareTables` checks the read models.
 */
export async function checkGone(
  at: Servers,
  readers: readonly Reader[],
  events: readonly LoggedEvent[],
): Promise<readonly string[]> {
  const gone = readers.filter(({ gone }) => gone);
  const wrong: string[] = [];
  const own = gone.flatMap(({ id }) => streamsOfReader(id)).filter((stream) => !stream.startsWith("account-"));
  for (const stream of await notTombstoned(at.environment.EVENTSTORE_URL ?? "", own))
    wrong.push(`${stream} of an erased reader is not deleted for good`);
  for (const reader of gone) {
    const { id, accessToken } = reader;
    wrong.push(...wrongAccount(id, events));
    for (const [method, path] of refused) {
      const answer = await asErased(at, accessToken, method, path);
      const code = codeOf(answer);
      if (answer?.status !== 401 || (code !== "reader_erased" && code !== "token_expired"))
        wrong.push(`${method} ${path} of the erased ${id} answered ${answer?.status} ${JSON.stringify(answer?.body)}`);
    }
  }
  const [first] = gone;
  if (first !== undefined) wrong.push(...(await comesAsAnother(at, first)));
  wrong.push(...(await rowsOf(at.environment.DATABASE_URL ?? "", gone)));
  return wrong;
}

const refused = [
  ["GET", "/v1/shelf"],
  ["GET", "/v1/changes"],
  ["DELETE", "/v1/history"],
] as const;

/** The last event of the account, once: ReaderErased. */
export function wrongAccount(id: string, events: readonly LoggedEvent[]): readonly string[] {
  const types = events.filter(({ stream }) => stream === `account-${id}`).map(({ type }) => type);
  const isRight = types.at(-1) === "ReaderErased" && types.indexOf("ReaderErased") === types.length - 1;
  return isRight ? [] : [`the account of the erased ${id} has the events ${types.join()}`];
}

async function comesAsAnother(at: Addresses, reader: Reader): Promise<readonly string[]> {
  const again: Reader = { ...reader, id: "", asked: false, gone: false };
  const until = Date.now() + 30_000;
  await logIn(at, again, emptyJournal(), { isOver: () => Date.now() > until });
  const shelf = await asErased(at, again.accessToken, "GET", "/v1/shelf");
  const { items } = (shelf?.body ?? {}) as { items?: readonly unknown[] };
  if (again.id !== reader.id && again.id !== "" && items?.length === 0) return [];
  return [
    `${reader.user} was erased as ${reader.id}, is ${again.id}, and has the shelf ${JSON.stringify(shelf?.body)}`,
  ];
}

/** Further tables that may have data of erased readers. */
const tables = ["profiles", "refresh_families"] as const;

async function rowsOf(url: string, readers: readonly Reader[]): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 10_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    const ids = readers.map(({ id }) => id);
    const wrong: string[] = [];
    for (const table of tables) {
      const { rows } = await client.query<{ found: string }>(
        `SELECT one::text AS found FROM ${table} AS one WHERE EXISTS (SELECT FROM unnest($1::text[]) AS id WHERE strpos(one::text, id) > 0)`,
        [ids],
      );
      wrong.push(...rows.map(({ found }) => `${table} has of an erased reader ${found}`));
    }
    return wrong;
  } finally {
    await client.end();
  }
}

const asErased = (at: Addresses, token: string, method: string, path: string) =>
  ask(`${at.api}${path}`, { method, headers: { authorization: `Bearer ${token}` } });

function codeOf(answer: Awaited<ReturnType<typeof ask>>): string | undefined {
  return ((answer?.body ?? {}) as { code?: string }).code;
}
