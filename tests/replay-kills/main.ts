import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generateLog } from "../../bench/replay/generate.ts";
import { openLogFiles } from "../../bench/replay/logFiles.ts";
import { givenParts } from "../../embedded/supervisor/given.ts";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { mulberry32 } from "../support/random.ts";
import { killExports } from "./kills.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "100000" },
    kills: { type: "string", default: "12" },
    seed: { type: "string", default: `${Date.now() % 100_000}` },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`script/replay-kills [--events 100000] [--kills 12] [--seed N]

Writes a log of so many events, exports it, and exports it again by processes that are killed (SIGKILL) at random moments and go on:
each must end with the same bytes.`);
  process.exit(0);
}

const logger = createLogger("replay-kills", "warn");
const dataDir = await mkdtemp(join(tmpdir(), "heima-replay-kills-"));
const log = { count: Number(values.events), books: 100 };
const isOwnStore = givenParts(process.env).eventstore === undefined;
if (isOwnStore) {
  const files = openLogFiles(join(dataDir, "eventstore"));
  await generateLog(files, log).finally(files.close);
}
const stack = await startStack({ dataDir, onlyEngines: true, logLevel: "warn" });
try {
  const { DATABASE_URL = "", EVENTSTORE_URL = "" } = stack.environment;
  await migrate(DATABASE_URL, logger);
  const eventStore = connectEventStore({ url: EVENTSTORE_URL, logger });
  if (!isOwnStore) await generateLog(eventStore, log);
  const upTo = (await eventStore.readLogEnd()) ?? 0n;
  await eventStore.close();
  console.log(`${log.count} events, seed ${values.seed}`);
  const { files, halfway } = await killExports({
    environment: stack.environment,
    folder: join(dataDir, "exports"),
    upTo,
    kills: Number(values.kills),
    eventsOfFile: Math.ceil(log.count / 12),
    random: mulberry32(Number(values.seed)),
    say: console.log,
  });
  console.log(
    `${values.kills} exports were killed, ${halfway} of them between the first and the last of ${files} files: the same bytes`,
  );
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}
