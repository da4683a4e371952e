import { setTimeout as sleep } from "node:timers/promises";
import { type BookReader, startBookReader } from "../process/bookReader.ts";
import { claimUpload } from "./claims.ts";
import { rejectExpired } from "./decisions.ts";
import { type ImportUploadDependencies, importUpload } from "./importUpload.ts";
import { removeAbandonedBodies } from "./uploadBytes.ts";
import { removeAbandoned } from "./uploadFolder.ts";

export type ImportUploadsOptions = Pick<ImportUploadDependencies, "pool" | "imports" | "logger"> & {
  /** Reads the files; by default a separate process, which ends with `close`. */
  readonly reader?: BookReader;
  /** The poll interval in milliseconds. */
  readonly pollIntervalMs?: number;
  /** Seconds for which an upload stays claimed without a sign of life of its importer. */
  readonly leaseSeconds?: number;
};

/** The interval at which expired decisions are searched, in milliseconds. */
const expireEveryMs = 60_000;

/**
 * Imports waiting uploads, one at a time, until `close` is called. Uploads are never lost: if a process is killed its upload is
 * claimed again when the lease expires, and importing twice writes nothing twice.
 */
export function startImportingUploads(options: ImportUploadsOptions): { close(): Promise<void> } {
  const { pool, logger, pollIntervalMs = 1_000, leaseSeconds = 30 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const { reader = startBookReader() } = options;

  async function run(): Promise<void> {
    await removeAbandoned().catch((error: unknown) => logger.warn({ err: error }, "cannot remove old uploads"));
    for (let expiredAt = 0; !signal.aborted; ) {
      if (Date.now() - expiredAt > expireEveryMs) {
        expiredAt = Date.now();
        await rejectExpired(pool).catch((error: unknown) =>
          logger.warn({ err: error }, "cannot poll for expired decisions; retrying"),
        );
        await removeAbandonedBodies(pool).catch((error: unknown) =>
          logger.warn({ err: error }, "cannot poll for interrupted uploads; retrying"),
        );
      }
      const upload = await claimUpload(pool, leaseSeconds).catch((error: unknown) => {
        logger.warn({ err: error }, "cannot poll for waiting uploads; retrying");
        return undefined;
      });
      if (upload === undefined) await sleep(pollIntervalMs, undefined, { signal }).catch(() => {});
      else await importUpload(upload, { ...options, leaseSeconds, reader }, signal);
    }
  }
  const running = run();
  return {
    async close() {
      stopping.abort(new Error("the process stops"));
      await running;
      if (options.reader === undefined) reader.close();
    },
  };
}
