import { createSecretKey } from "node:crypto";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { createPool } from "../../../src/platform/postgres.ts";
import { runExport } from "../../../src/replay/export/runExport.ts";

// Exports the log up to a position into a folder, in files of this many events. It may be killed.

const [folder = "", upTo = "", eventsOfFile = ""] = process.argv.slice(2);
const { DATABASE_URL: url = "", EVENTSTORE_URL = "" } = process.env;
const logger = createLogger("export", "warn");
const pool = createPool({ url, max: 4, service: "export", logger });
const eventStore = connectEventStore({ url: EVENTSTORE_URL, logger });
const keys = [{ kid: "k1", key: createSecretKey(Buffer.alloc(32, 7)) }];
await runExport(
  { eventStore, pool, keys },
  {
    format: "parquet",
    identities: false,
    identitiesReason: undefined,
    range: { after: null, upTo },
    filters: { types: [], books: [], readers: [] },
    endAsked: true,
    folder,
    requestedBy: "test",
    place: folder,
  },
  { onProgress: () => {}, signal: new AbortController().signal, eventsOfFile: Number(eventsOfFile) },
);
await Promise.all([pool.end(), eventStore.close()]);
