import { execFile } from "node:child_process";
import { createHash, createSecretKey, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { generateLog } from "../../bench/replay/generate.ts";
import { givenParts } from "../../embedded/supervisor/given.ts";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { createReaderNames } from "../../src/replay/pseudonyms.ts";

const script = fileURLToPath(new URL("../../script/backup", import.meta.url));
const logger = createLogger("test", "silent");
const keys = [{ kid: "k1", key: createSecretKey(createHash("sha256").update("k1").digest()) }];
const { postgres, eventstore } = givenParts(process.env);
const readers = Array.from({ length: 20 }, () => randomUUID());

let folder = "";
let stack: Stack | undefined;
afterAll(async () => {
  await stack?.stop();
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

/** Starts Postgres, Redis and the event store on a data folder, and works with them. */
async function withEngines<Result>(
  dataDir: string,
  work: (pool: Pool, eventStore: ReturnType<typeof connectEventStore>) => Promise<Result>,
): Promise<Result> {
  stack = await startStack({ dataDir, onlyEngines: true, logLevel: "warn" });
  const { DATABASE_URL = "", EVENTSTORE_URL = "" } = stack.environment;
  await migrate(DATABASE_URL, logger);
  const pool = createPool({ url: DATABASE_URL, max: 2, service: "test", logger });
  const eventStore = connectEventStore({ url: EVENTSTORE_URL, logger });
  try {
    return await work(pool, eventStore);
  } finally {
    await Promise.all([pool.end(), eventStore.close()]);
    await stack.stop();
    stack = undefined;
  }
}

const pseudonyms = async (pool: Pool) =>
  (await pool.query("SELECT reader_id, pseudonym, kid FROM replay_pseudonyms ORDER BY reader_id")).rows;

// Servers that run elsewhere have their own backup tools.
test.skipIf(postgres !== undefined || eventstore !== undefined)(
  "a stack goes on from a backup that was made while it ran",
  async () => {
    folder = await mkdtemp(join(tmpdir(), "heima-backup-"));
    const [dataDir, backup] = [join(folder, "data"), join(folder, "backup")];
    const before = await withEngines(dataDir, async (pool, eventStore) => {
      await generateLog(eventStore, { count: 500, books: 5, seed: 1 });
      await createReaderNames(pool, keys, null).of(readers);
      const end = await eventStore.readLogEnd();
      await promisify(execFile)(script, [dataDir, backup]);
      // Later events are not in the backup.
      await createReaderNames(pool, keys, null).of([randomUUID()]);
      await generateLog(eventStore, { count: 250, books: 0, seed: 2 });
      return { end, pseudonyms: (await pseudonyms(pool)).filter(({ reader_id: id }) => readers.includes(id)) };
    });
    expect(before.pseudonyms).toHaveLength(readers.length);
    const after = await withEngines(backup, async (pool, eventStore) => ({
      end: await eventStore.readLogEnd(),
      pseudonyms: await pseudonyms(pool),
    }));
    expect(after).toEqual(before);
    await expect(promisify(execFile)(script, [dataDir, backup])).rejects.toThrow("is not empty");
  },
  900_000,
);
