import { connectEventStore } from "../../../src/event-store/connect.ts";
import { createPool } from "../../../src/platform/postgres.ts";
import { createCatalog } from "../../../src/projections/catalog/catalog.ts";
import { shelf } from "../../../src/projections/shelf/shelf.ts";
import { createPostgresStore } from "../../../src/projections/stores/postgres/store.ts";
import { runWorker } from "../engine/release.ts";
import { logger } from "../fixtures.ts";

// A worker that fills the shelf in small segments and never finishes: after two segments it reports that, and its third hangs with
// the transaction open, to be killed in the middle.

const { DATABASE_URL = "", EVENTSTORE_URL = "", REDIS_URL = "" } = process.env;
const pool = createPool({ url: DATABASE_URL, max: 4, service: "test", logger });
const store = createPostgresStore(pool);
let written = 0;
const hanging = {
  ...store,
  fill: async (...args: Parameters<typeof store.fill>) => {
    if (written === 2) {
      process.stdout.write("two pieces are written\n");
      await pool.query(`BEGIN; SELECT * FROM ${args[0].name}.checkpoints FOR UPDATE`);
      await new Promise(() => {});
    }
    const outcome = await store.fill(...args);
    written++;
    return outcome;
  },
};
const eventStore = connectEventStore({ url: EVENTSTORE_URL, logger });
const around = { store: hanging, catalog: createCatalog(pool), eventStore, redisUrl: REDIS_URL };
runWorker(around, [shelf], { rows: 200, eventsAtOnce: 100 });
