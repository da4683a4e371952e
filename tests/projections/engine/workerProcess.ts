import { createPool } from "../../../src/platform/postgres.ts";
import { connectRedis } from "../../../src/platform/redis.ts";
import { createCatalog } from "../../../src/projections/catalog/catalog.ts";
import { startPartitionWorkers } from "../../../src/projections/engine/workers/partitionWorkers.ts";
import { createPostgresStore } from "../../../src/projections/stores/postgres/store.ts";
import { codec, logger, quick, tallyOf } from "../fixtures.ts";

// A worker process of a tally: it dies, as if out of memory, when it folds an event of the book DEADLY_BOOK.

const { DATABASE_URL = "", REDIS_URL = "", READ_MODEL = "", DEADLY_BOOK } = process.env;
const readModel = tallyOf(READ_MODEL, ({ data }) => {
  if ((data as { bookId?: string }).bookId === DEADLY_BOOK) process.kill(process.pid, "SIGKILL");
  return undefined;
});
const pool = createPool({ url: DATABASE_URL, max: 4, service: "test", logger });
const catalog = createCatalog(pool);
const redis = connectRedis({ url: REDIS_URL, blocking: true, logger });
const [found] = await catalog.buildsOf(readModel);
if (found === undefined) throw new Error(`${READ_MODEL} has no build`);
startPartitionWorkers({ store: createPostgresStore(pool), catalog, codec, redis, logger, timing: quick }, found.build);
