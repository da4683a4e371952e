import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRefreshTokens } from "../../src/auth/refreshTokens.ts";
import { exportEndpoint } from "../../src/http/account/export.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { freshDatabase } from "../support/database.ts";
import { bearer, readerId, startApi } from "./startApi.ts";

/** Tables that belong to no read model, by the field of the export that has the rows of a reader. */
const exported = {
  accounts: "account",
  profiles: "profile",
  course_users: "account",
  refresh_families: "logins",
  library_imports: "uploads",
  replays: "replays",
  replay_pseudonyms: "pseudonym",
  replay_exports: "copies",
  replay_export_readers: "copies",
} as const;

/** The other tables, with the reason why they are not in the export. */
const notExported = {
  refresh_tokens: "hashes of secrets; their logins are in the export",
  stream_snapshots: "copies of the reader's events, which are in the export",
  "projections.parked": "events that are in the export, until they are applied",
  "projections.parked_keys": "which of these events wait",
  "projections.left_out": "which events of builds were passed over",
  "projections.verifications": "hashes of the compared keys, and their numbers",
  "projections.builds": "read models, whose rows are in the export",
  "projections.failures": "builds",
  "projections.leases": "processes",
  "projections.trials": "builds; their tables are read models that are not deployed",
  course_rows: "numbers of rows of the course's tables, without readers",
  library_import_parts: "the bytes of uploaded books",
  library_files: "books",
  content: "texts of books",
  covers: "books",
  course_books: "books",
  course_chapters: "books",
  heat_scores: "books",
  replay_days: "days of the log",
  migrations: "names of migrations",
} as const;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger: createLogger("test", "silent") });
  const endpoint = exportEndpoint({ pool, readerEvents: () => [], readerTables: [] });
  api = await startApi([endpoint], { areLive: async () => true });
});
afterAll(async () => {
  await api.close();
  await pool.end();
  await database.drop();
});

test("every table is in the export, or has a reason not to be", async () => {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END || table_name AS name
     FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY name`,
  );
  expect(rows.map(({ name }) => name)).toEqual([...Object.keys(exported), ...Object.keys(notExported)].sort());
});

test("the export has a reader's rows of every table that is named, and nobody else's", async () => {
  const other = randomUUID();
  const [mine, requested, unrelated] = [randomUUID(), randomUUID(), randomUUID()];
  const tokens = createRefreshTokens({ pool, lifetimeDays: 30 });
  for (const [id, openid] of [
    [readerId, "o-mine"],
    [other, "o-other"],
  ] as const) {
    await pool.query("INSERT INTO accounts (reader_id, openid, registered_at) VALUES ($1, $2, now())", [id, openid]);
    await pool.query(
      `INSERT INTO profiles (reader_id, profile_id, nickname, watermark_at, updated_at) VALUES ($1, $2, $3, now(), now())`,
      [id, randomUUID(), `nickname of ${openid}`],
    );
    await pool.query(
      `INSERT INTO library_imports (id, requested_by, request_hash, file_name, options) VALUES ($1, $2, '', $3, '{}')`,
      [randomUUID(), id, `${openid}.txt`],
    );
    await pool.query("INSERT INTO replay_pseudonyms VALUES ($1, $2, 'key', 'k1')", [id, `pseudonym of ${openid}`]);
    await pool.query(
      `INSERT INTO replays (replay_id, analyst, request, state, position) VALUES ($1, $2, $3, 'done', 9007199254740993)`,
      [randomUUID(), id, { types: [openid] }],
    );
    for (const name of ["open", "ended", "expired"])
      await tokens.issue(id, { id: randomUUID(), userAgent: `${name} of ${openid}` });
  }
  await pool.query("INSERT INTO course_users VALUES (8, $1), (7, $1), (9, $2)", [readerId, other]);
  await pool.query("UPDATE refresh_families SET revoked_at = '2026-01-02' WHERE user_agent LIKE 'ended%'");
  await pool.query("UPDATE refresh_families SET expires_at = '2026-01-03' WHERE user_agent LIKE 'expired%'");
  for (const [id, by] of [
    [mine, "li"],
    [requested, `analyst ${readerId}`],
    [unrelated, `analyst ${other}`],
  ])
    await pool.query(
      `INSERT INTO replay_exports (export_id, requested_by, place, format, up_to_position, filters)
       VALUES ($1, $2, '/srv', 'csv', 1, $3)`,
      [id, by, { readers: [other] }],
    );
  await pool.query(
    `INSERT INTO replay_export_readers
     VALUES ($1, 'pseudonym of o-mine'), ($1, 'pseudonym of o-other'), ($2, 'pseudonym of o-other')`,
    [mine, unrelated],
  );

  const response = await fetch(`${api.url}/v1/me/export`, { headers: { authorization: bearer("reader") } });
  const text = await response.text();
  for (const foreign of ["o-other", other]) expect(text).not.toContain(foreign);
  const { reader } = JSON.parse(text) as { reader: Record<string, unknown> };
  for (const [table, field] of Object.entries(exported)) expect(reader[field], table).toBeTruthy();
  const { logins, replays, copies, ...others } = reader as Record<string, { userAgent?: string; exportId?: string }[]>;
  expect(others).toMatchObject({
    account: { id: readerId, openid: "o-mine", courseUserIds: ["7", "8"] },
    profile: { nickname: "nickname of o-mine" },
    uploads: [{ fileName: "o-mine.txt" }],
    pseudonym: "pseudonym of o-mine",
  });
  expect(Object.fromEntries(logins!.map((login) => [login.userAgent, login]))).toMatchObject({
    "open of o-mine": { endedAt: null, current: false },
    "ended of o-mine": { endedAt: "2026-01-02T00:00:00.000Z" },
    "expired of o-mine": { endedAt: "2026-01-03T00:00:00.000Z" },
  });
  expect(replays).toMatchObject([{ request: { types: ["o-mine"] }, state: "done", position: "9007199254740993" }]);
  expect(Object.fromEntries(copies!.map((copy) => [copy.exportId, copy]))).toMatchObject({
    [mine]: { containsReaderAs: "pseudonym of o-mine", requestedByReader: false },
    [requested]: { containsReaderAs: null, requestedByReader: true },
  });
  expect(copies).toHaveLength(2);
});
