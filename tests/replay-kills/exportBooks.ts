import { createSecretKey } from "node:crypto";
import type { Pool } from "../../src/platform/postgres.ts";
import { type ExportOptions, runExport } from "../../src/replay/export/runExport.ts";
import { at, catalogued, logOf } from "../replay/log.ts";

const count = 60;
const log = logOf(
  Array.from({ length: count }, (_, n) => [`book-b${n}`, catalogued(`b${n}`, `书${n}`), "2026-11-01T00:00:00.000Z"]),
);
/** Nobody reads these books, so nothing is needed from Postgres. */
const pool = { query: async () => ({ rows: [], rowCount: 0 }) } as unknown as Pool;

/** Exports a log of sixty books into the folder, in six files. */
export function exportBooks(folder: string, options: Partial<ExportOptions> = {}) {
  return runExport(
    { eventStore: log.store, pool, keys: [{ kid: "k1", key: createSecretKey(Buffer.alloc(32, 7)) }] },
    {
      format: "ndjson",
      identities: false,
      identitiesReason: undefined,
      endAsked: true,
      folder,
      place: folder,
      range: { after: null, upTo: `${at(count - 1)}` },
      filters: { types: [], books: [], readers: [] },
      requestedBy: "test",
    },
    { onProgress: () => {}, signal: new AbortController().signal, eventsOfFile: 10, ...options },
  );
}
