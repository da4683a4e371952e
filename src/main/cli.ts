import { readdir } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { grantRole, revokeRole } from "../auth/accounts.ts";
import { developmentToken } from "../auth/developmentTokens.ts";
import { runCli } from "../cli/program.ts";
import type { Builds } from "../cli/projections/buildsDeps.ts";
import { createHandleCommand } from "../commands/handleCommand.ts";
import { restoreBook, withdrawBook } from "../commands/library/withdrawBook.ts";
import { skipParkedEvent } from "../commands/operations/skipParkedEvent.ts";
import { ownContext } from "../commands/ownContext.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../commands/types.ts";
import { doctor } from "../doctor/doctor.ts";
import { connectEventStore } from "../event-store/connect.ts";
import type { ImportDeps } from "../library-import/importBook.ts";
import { loadConfig } from "../platform/config.ts";
import { createLogger } from "../platform/logger.ts";
import { migrate } from "../platform/migrate.ts";
import { createPool, type Pool } from "../platform/postgres.ts";
import { connectRedis } from "../platform/redis.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import { createProgressTracker } from "../projections/engine/progress/tracker.ts";
import { createProjectionsStatus, type ReadModelStatus } from "../projections/engine/status.ts";
import { publish } from "../projections/engine/transport/signals.ts";
import { readModels } from "../projections/registry.ts";
import { createPostgresStore } from "../projections/stores/postgres/store.ts";
import { type ListedBook, newestBooks } from "../queries/library/newestBooks.ts";
import { importDeps } from "./importDeps.ts";
import { parkedEventsOf } from "./parkedEvents.ts";
import { scavenge } from "./scavenge.ts";
import { verifyReadModel } from "./verifyReadModel.ts";

const demoLibrary = fileURLToPath(new URL("../../library-demo/", import.meta.url));

/** The log goes to stderr, for stdout is the answer; and is silent below a warning unless LOG_LEVEL says otherwise. */
function cliLogger() {
  const { LOG_LEVEL } = loadConfig(["LOG_LEVEL"], { LOG_LEVEL: "warn", ...process.env });
  return createLogger("cli", LOG_LEVEL, process.stderr.fd);
}

async function withAccounts<Result>(work: (pool: Pool) => Promise<Result>): Promise<Result> {
  const { DATABASE_URL } = loadConfig(["DATABASE_URL"]);
  const pool = createPool({ url: DATABASE_URL, max: 1, service: "cli", logger: cliLogger() });
  return work(pool).finally(() => pool.end());
}

async function withLibrary<Result>(work: (deps: ImportDeps) => Promise<Result>): Promise<Result> {
  const config = loadConfig(["DATABASE_URL", "EVENTSTORE_URL"]);
  const logger = cliLogger();
  const pool = createPool({ url: config.DATABASE_URL, max: 2, service: "cli", logger });
  const eventStore = connectEventStore({ url: config.EVENTSTORE_URL, logger });
  try {
    return await work(importDeps(pool, createHandleCommand({ eventStore, logger })));
  } finally {
    await Promise.all([pool.end(), eventStore.close()]);
  }
}

async function* listBooks(): AsyncGenerator<ListedBook> {
  const { DATABASE_URL } = loadConfig(["DATABASE_URL"]);
  const pool = createPool({ url: DATABASE_URL, max: 1, service: "cli", logger: cliLogger() });
  try {
    for (let before: bigint | null | undefined; before !== null; ) {
      const page = await newestBooks(pool, { limit: 100, before: before ?? null });
      yield* JSON.parse(`[${page.items}]`) as ListedBook[];
      before = page.next === null ? null : BigInt(page.next);
    }
  } finally {
    await pool.end();
  }
}

/** Runs one command of the library as whoever sits at the terminal. */
async function libraryCommand(
  sent: Readonly<Record<string, string>>,
  send: (deps: { handleCommand: HandleCommand }, context: CommandContext) => Promise<CommandResult>,
): Promise<CommandResult> {
  const config = loadConfig(["EVENTSTORE_URL"]);
  const logger = cliLogger();
  const eventStore = connectEventStore({ url: config.EVENTSTORE_URL, logger });
  const handleCommand = createHandleCommand({ eventStore, logger });
  return send({ handleCommand }, ownContext(sent)).finally(() => eventStore.close());
}

async function projectionsStatus(): Promise<readonly ReadModelStatus[]> {
  const config = loadConfig(["DATABASE_URL", "REDIS_URL", "EVENTSTORE_URL"]);
  const logger = cliLogger();
  const pool = createPool({ url: config.DATABASE_URL, max: 2, service: "cli", logger });
  const eventStore = connectEventStore({ url: config.EVENTSTORE_URL, logger });
  const redis = connectRedis({ url: config.REDIS_URL, blocking: false, commandTimeoutMs: 2_000, logger });
  const catalog = createCatalog(pool);
  const tracker = createProgressTracker({ readModels, catalog, store: createPostgresStore(pool), logger });
  const status = createProjectionsStatus({ readModels, tracker, catalog, eventStore, redis, logger });
  try {
    return await status.read();
  } finally {
    redis.disconnect();
    await Promise.all([pool.end(), eventStore.close()]);
  }
}

/** Whoever sits at the terminal: in a container the user may have no name. */
function whoever(): string {
  try {
    return `heima of ${userInfo().username}`;
  } catch {
    return "heima";
  }
}

/** Works on parked events as whoever sits at the terminal. */
async function withParked<Result>(
  work: (parked: ReturnType<typeof parkedEventsOf>) => Promise<Result>,
): Promise<Result> {
  const config = loadConfig(["DATABASE_URL", "REDIS_URL", "EVENTSTORE_URL"]);
  const logger = cliLogger();
  const pool = createPool({ url: config.DATABASE_URL, max: 2, service: "cli", logger });
  const eventStore = connectEventStore({ url: config.EVENTSTORE_URL, logger });
  const redis = connectRedis({ url: config.REDIS_URL, blocking: false, commandTimeoutMs: 2_000, logger });
  const handleCommand = createHandleCommand({ eventStore, logger });
  try {
    return await work(parkedEventsOf({ pool, redis, eventStore, handleCommand, logger, mayDie: true }));
  } finally {
    redis.disconnect();
    await Promise.all([pool.end(), eventStore.close()]);
  }
}

async function withBuilds<Result>(work: (builds: Builds) => Promise<Result>): Promise<Result> {
  const config = loadConfig(["DATABASE_URL", "REDIS_URL"]);
  const logger = cliLogger();
  const pool = createPool({ url: config.DATABASE_URL, max: 2, service: "cli", logger });
  const redis = connectRedis({ url: config.REDIS_URL, blocking: false, commandTimeoutMs: 2_000, logger });
  const announce = (readModel: string) => publish(redis, { kind: "builds", readModel });
  try {
    return await work({ catalog: createCatalog(pool), store: createPostgresStore(pool), announce });
  } finally {
    redis.disconnect();
    await pool.end();
  }
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  return controller.signal;
}

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  withLibrary,
  demoFiles: async () => {
    const names = await readdir(demoLibrary);
    return names
      .filter((name) => name.endsWith(".txt"))
      .sort()
      .map((name) => join(demoLibrary, name));
  },
  listBooks,
  withdrawBook: (bookId, reason) =>
    libraryCommand({ reason }, (deps, context) => withdrawBook(deps, { bookId, reason }, context)),
  restoreBook: (bookId) => libraryCommand({}, (deps, context) => restoreBook(deps, { bookId }, context)),
  migrate: () => migrate(loadConfig(["DATABASE_URL"]).DATABASE_URL, cliLogger()),
  projectionsStatus,
  readModels,
  verifyReadModel: (name, scope, onProgress) => verifyReadModel(name, scope, onProgress, cliLogger()),
  parkedKeys: (names) => withParked(async ({ list }) => (await Promise.all(names.map(list))).flat()),
  retryParked: (name, key) => withParked(({ retry }) => retry(name, key)),
  skipParked: (skip) =>
    withParked((parked) => {
      return skipParkedEvent(parked.skip, { ...skip, skippedBy: whoever() }, ownContext(skip));
    }),
  withBuilds,
  scavenge: (options) => scavenge(options, cliLogger()),
  interruption,
  grantRole: ({ readerId, role }) => withAccounts((pool) => grantRole(pool, readerId, role)),
  revokeRole: ({ readerId, role }) => withAccounts((pool) => revokeRole(pool, readerId, role)),
  developmentToken: (identity) => developmentToken(process.env, identity),
  doctor: (options) => doctor(options, process.env, readModels),
});
// A connection to a server that hangs would keep the process for as long as that does.
setTimeout(() => process.exit(), 2_000).unref();
