import { readdir } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { grantRole, revokeRole } from "../auth/accounts.ts";
import { developmentToken } from "../auth/developmentTokens.ts";
import { markErased } from "../auth/erasure/markErased.ts";
import { runCli } from "../cli/program.ts";
import type { Builds } from "../cli/projections/buildsDependencies.ts";
import { readerEvents } from "../commands/account/readerEvents.ts";
import { createHandleCommand } from "../commands/handleCommand.ts";
import { createBookExists } from "../commands/library/bookExists.ts";
import { createChapterNumber } from "../commands/library/chapterNumbers.ts";
import { restoreBook, withdrawBook } from "../commands/library/withdrawBook.ts";
import { skipParkedEvent } from "../commands/operations/skipParkedEvent.ts";
import { ownContext } from "../commands/ownContext.ts";
import { removeBookFor, replaceBookFor } from "../commands/shelf/correctShelf.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../commands/types.ts";
import type { CourseImportDependencies } from "../course-import/writeCourse.ts";
import type { ImportDependencies } from "../library-import/importBook.ts";
import { startBookReader } from "../library-import/process/bookReader.ts";
import { loadConfig } from "../platform/config.ts";
import { migrate } from "../platform/migrate.ts";
import type { Pool } from "../platform/postgres.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import { createTrials } from "../projections/catalog/trials.ts";
import type { ParkedInBuild, ParkedList, ParkedListCursor } from "../projections/engine/parked/parkedEvents.ts";
import type { ReadModelStore } from "../projections/engine/ports/readModelStore.ts";
import { createProgressTracker } from "../projections/engine/progress/tracker.ts";
import { publish } from "../projections/engine/transport/signals.ts";
import { readModels } from "../projections/registry.ts";
import { createPostgresStore } from "../projections/stores/postgres/store.ts";
import { bookOutline } from "../queries/library/bookOutline.ts";
import { type ListedBook, newestBooks } from "../queries/library/newestBooks.ts";
import { copiesWith, forgetCopy, listCopies } from "../replay/copies.ts";
import { runFile } from "../replay/run/runFile.ts";
import { type CliParts, cliLogger, withParts, yieldWithParts } from "./cliParts.ts";
import { exportEvents } from "./exportEvents.ts";
import { importDependencies } from "./importDependencies.ts";
import { parkedEventsOf } from "./parkedEvents.ts";
import { pastOf } from "./pastOf.ts";
import { queryEvents } from "./queryEvents.ts";
import { reportEvents } from "./reportEvents.ts";
import { openTerminal } from "./terminal.ts";
import { compareNamed, projectTrial } from "./trials.ts";

const demoLibrary = fileURLToPath(new URL("../../library-demo/", import.meta.url));

const withAccounts = <Result>(work: (pool: Pool) => Promise<Result>) => withParts(({ pool }) => work(pool));

const withLibrary = <Result>(work: (deps: ImportDependencies) => Promise<Result>) =>
  withParts(({ pool, eventStore, logger }) =>
    work(importDependencies(pool, createHandleCommand({ eventStore, logger }), eventStore)),
  );

const withCourse = <Result>(work: (deps: CourseImportDependencies) => Promise<Result>) =>
  withParts(({ pool, eventStore, logger }) =>
    work({
      ...importDependencies(pool, createHandleCommand({ eventStore, logger }), eventStore),
      pool,
      eventStore,
      bookExists: createBookExists(eventStore),
      chapterNumber: createChapterNumber(eventStore),
      capacity: loadConfig(["SHELF_CAPACITY"]).SHELF_CAPACITY,
    }),
  );

const listBooks = (withdrawn: boolean) =>
  yieldWithParts<ListedBook>(async function* ({ pool }) {
    for (let before: bigint | null | undefined; before !== null; ) {
      const page = await newestBooks(pool, { limit: 100, before: before ?? null, withdrawn });
      yield* JSON.parse(`[${page.items}]`) as ListedBook[];
      before = page.next === null ? null : BigInt(page.next);
    }
  });

/** Runs a command on a book, as the user of the terminal. */
const libraryCommand = (
  sent: Readonly<Record<string, string>>,
  send: (deps: { handleCommand: HandleCommand }, context: CommandContext) => Promise<CommandResult>,
) =>
  withParts(({ eventStore, logger }) =>
    send({ handleCommand: createHandleCommand({ eventStore, logger }) }, ownContext(sent)),
  );

// Expensive modules are imported by the commands that need them: the clients of the search engine and of the queues take 0.8 s
// of CPU.

const withStores = async <Result>(pool: Pool, work: (store: ReadModelStore) => Promise<Result>): Promise<Result> =>
  (await import("./stores.ts")).withStores(pool, work);

const projectionsStatus = () =>
  withParts(({ pool, eventStore, redis, logger }) =>
    withStores(pool, async (store) => {
      const { createProjectionsStatus } = await import("../projections/engine/progress/status.ts");
      const catalog = createCatalog(pool);
      const tracker = createProgressTracker({ readModels, catalog, store, logger });
      const status = createProjectionsStatus({ readModels, tracker, catalog, eventStore, redis, logger });
      return status.read().finally(status.close);
    }),
  );

/** The user of the terminal; in a container the user may have no name. */
function operatorName(): string {
  try {
    return `heima of ${userInfo().username}`;
  } catch {
    return "heima";
  }
}

const parkedWith = ({ pool, redis, eventStore, logger }: CliParts, store: ReadModelStore) => {
  const handleCommand = createHandleCommand({ eventStore, logger });
  return parkedEventsOf({ pool, store, redis, eventStore, handleCommand, logger, mayDie: true });
};

/** Parked events are stored in Postgres; retrying them writes rows to any store. */
const withParked = <Result>(work: (parked: ReturnType<typeof parkedWith>) => Promise<Result>) =>
  withParts((parts) => withStores(parts.pool, (store) => work(parkedWith(parts, store))));

/** Every parked key of these read models, page by page. */
const parkedKeys = (names: readonly string[]) =>
  yieldWithParts<ParkedInBuild>(async function* (parts) {
    const { list } = parkedWith(parts, createPostgresStore(parts.pool));
    for (const name of names) {
      for (let after: ParkedListCursor | null | undefined; after !== null; ) {
        const page: ParkedList = await list(name, { after: after ?? null, limit: 100 });
        yield* page.rows;
        after = page.next;
      }
    }
  });

const withBuilds = <Result>(work: (builds: Builds) => Promise<Result>) =>
  withParts(({ pool, redis }) =>
    work({
      catalog: createCatalog(pool),
      store: createPostgresStore(pool),
      announce: (readModel) => publish(redis, { kind: "builds", readModel }),
    }),
  );

const terminal = openTerminal();
const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  startBookReader,
  withLibrary,
  withCourse,
  demoFiles: async () => {
    const names = await readdir(demoLibrary);
    return names
      .filter((name) => name.endsWith(".txt"))
      .sort()
      .map((name) => join(demoLibrary, name));
  },
  listBooks,
  bookOutline: (bookId) => withParts(({ pool }) => bookOutline(pool, bookId)),
  withdrawBook: (bookId, reason) =>
    libraryCommand({ reason }, (deps, context) => withdrawBook(deps, { bookId, reason }, context)),
  restoreBook: (bookId) => libraryCommand({}, (deps, context) => restoreBook(deps, { bookId }, context)),
  migrate: () => migrate(loadConfig(["DATABASE_URL"]).DATABASE_URL, cliLogger()),
  projectionsStatus,
  readModels,
  verifyReadModel: (...asked) =>
    withParts(async (parts) => (await import("./verifyReadModel.ts")).verifyReadModel(parts, ...asked)),
  parkedKeys,
  retryParked: (name, key) => withParked((parked) => parked.retry(name, key)),
  skipParked: (skip) =>
    withParked((parked) => skipParkedEvent(parked.skip, { ...skip, skippedBy: operatorName() }, ownContext(skip))),
  withBuilds,
  scavenge: (options) => withParts(async (parts) => (await import("./scavenge.ts")).scavenge(parts, options)),
  readerEvents: (readerId, after) => yieldWithParts(({ eventStore }) => readerEvents(eventStore, readerId, after)),
  replaceBookFor: (move, correction) =>
    withParts(({ eventStore, logger }) => {
      const handleCommand = createHandleCommand({ eventStore, logger });
      return replaceBookFor({ handleCommand, bookExists: createBookExists(eventStore) }, move, correction);
    }),
  removeBookFor: (book, correction) =>
    withParts(({ eventStore, logger }) =>
      removeBookFor({ handleCommand: createHandleCommand({ eventStore, logger }) }, book, correction),
    ),
  eraseReader: (readerId) =>
    withAccounts(async (pool) => {
      const copies = await copiesWith(pool, readerId);
      await markErased(pool, readerId);
      return copies;
    }),
  purge: (options) => withParts(async (parts) => (await import("./purge.ts")).purge(parts, options)),
  exportEvents: (asked, options) => withParts((parts) => exportEvents(parts, asked, operatorName(), options)),
  queryEvents: (asked, print, options) => queryEvents(asked, print, operatorName(), options),
  reportEvents: (asked, print, options) => reportEvents(asked, print, operatorName(), options),
  listCopies: (onlyErased) => withAccounts((pool) => listCopies(pool, onlyErased)),
  forgetCopy: (exportId) => withAccounts((pool) => forgetCopy(pool, exportId)),
  interruption: terminal.interruption,
  grantRole: ({ readerId, role }) => withAccounts((pool) => grantRole(pool, readerId, role)),
  revokeRole: ({ readerId, role }) => withAccounts((pool) => revokeRole(pool, readerId, role)),
  developmentToken: (identity) => developmentToken(process.env, identity),
  compareBuilds: (...asked) => withParts((parts) => compareNamed(parts, ...asked)),
  runReducer: (asked, options) => withParts((parts) => runFile(parts, asked, options)),
  projectTrial: (asked, options) => withParts((parts) => projectTrial(parts, asked, options, operatorName())),
  listTrials: () => withAccounts((pool) => createTrials(pool).list()),
  dropTrial: (schema) => withAccounts((pool) => createTrials(pool).drop(schema)),
  pastOf: (readerId, times) => withParts((parts) => pastOf(parts, readerId, times)),
  doctor: async (options) => (await import("../doctor/doctor.ts")).doctor(options, process.env, readModels),
});
await terminal.end(code);
