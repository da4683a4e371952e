import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateLog } from "../../bench/replay/generate.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { freshDatabase } from "../support/database.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { mulberry32 } from "../support/random.ts";
import { killExports } from "./kills.ts";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let store: Awaited<ReturnType<typeof freshEventStore>>;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase();
  store = await freshEventStore("the whole log is exported, and only events of this test may be in it");
  folder = await mkdtemp(join(tmpdir(), "heima-kills-"));
});
afterAll(async () => {
  await store?.stop();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

// script/replay-kills does this twelve times with a longer log.
test("an export process that is killed goes on when it is started again, and ends with the same bytes", async () => {
  const eventStore = connectEventStore({ url: store.url, logger: createLogger("test", "silent") });
  await generateLog(eventStore, { count: 6_000, books: 20 });
  const upTo = (await eventStore.readLogEnd()) ?? 0n;
  await eventStore.close();
  const seed = Date.now() % 100_000;
  const lines = [`seed ${seed}`];
  const killing = {
    environment: { DATABASE_URL: database.url, EVENTSTORE_URL: store.url },
    folder,
    upTo,
    eventsOfFile: 500,
    kills: 2,
    random: mulberry32(seed),
    say: (line: string) => void lines.push(line),
  };
  const { files } = await killExports(killing).catch((error: unknown) => {
    throw new Error(lines.join("\n"), { cause: error });
  });
  expect(files).toBeGreaterThanOrEqual(12);
}, 600_000);
