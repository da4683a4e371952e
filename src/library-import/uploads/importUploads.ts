import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../platform/logger.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { ImportDeps, ImportResult } from "../importBook.ts";
import { BooksRefused, importBooks } from "../importBooks.ts";
import { NeedsDecision } from "../needsDecision.ts";
import { UnusableBookFile } from "../parsedBook.ts";
import { type BookReader, startBookReader } from "../process/bookReader.ts";
import { awaitDecision, rejectExpired } from "./decisions.ts";
import { removeAbandonedBodies, storedBody } from "./uploadBytes.ts";
import { removeAbandoned, withoutFolder, withUploadFile } from "./uploadFolder.ts";
import { type ClaimedUpload, claimUpload, finishUpload, keepUpload, releaseUpload } from "./uploads.ts";

export type ImportUploadsOptions = {
  readonly pool: Pool;
  readonly imports: ImportDeps;
  readonly logger: Logger;
  /** Reads the files; by default a separate process, which ends with `close`. */
  readonly reader?: BookReader;
  /** The poll interval in milliseconds. */
  readonly pollIntervalMs?: number;
  /** Seconds for which an upload stays claimed without a sign of life of its importer. */
  readonly leaseSeconds?: number;
};

/** With pauses that grow to a minute, these cover some twenty minutes of a store being down. */
const mostAttempts = 25;
const brokenOff = "The import broke off again and again; the worker's log says why.";
/** How often expired decisions are looked for, in milliseconds. */
const expireEveryMs = 60_000;
/** For large catalogues only this many books and warnings are recorded. */
const mostBooksListed = 100;

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
    await removeAbandoned().catch((error: unknown) => logger.warn({ err: error }, "old uploads are not removed"));
    for (let expiredAt = 0; !signal.aborted; ) {
      if (Date.now() - expiredAt > expireEveryMs) {
        expiredAt = Date.now();
        await rejectExpired(pool).catch((error: unknown) => logger.warn({ err: error }, "no look for old decisions"));
        await removeAbandonedBodies(pool).catch((error: unknown) =>
          logger.warn({ err: error }, "no look for uploads that broke off"),
        );
      }
      const upload = await claimUpload(pool, leaseSeconds).catch((error: unknown) => {
        logger.warn({ err: error }, "no look for waiting uploads");
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

type Running = ImportUploadsOptions & { readonly leaseSeconds: number; readonly reader: BookReader };

async function importUpload(
  upload: ClaimedUpload,
  { pool, imports, logger, leaseSeconds, reader }: Running,
  signal: AbortSignal,
): Promise<void> {
  const { id, fileName, attempts } = upload;
  const progress = startProgress();
  // The previous claimer died before it could count the attempt.
  if (attempts > mostAttempts) {
    await finishUpload(pool, id, progress, brokenOff).catch((err: unknown) => logger.warn({ err, id }, "not ended"));
    return;
  }
  const keeping = setInterval(() => {
    keepUpload(pool, id, progress, leaseSeconds).catch((error: unknown) => logger.warn({ err: error, id }, "not kept"));
  }, 1_000);
  const onProgress = (done: number, total: number) => Object.assign(progress, { stepsDone: done, steps: total });
  const onSkip = (line: number, reason: string) => warn(progress, `line ${line} ${reason}`);
  const onLeftOut = (message: string) => warn(progress, message);
  const options = { ...upload.options, onProgress, onLeftOut, signal };
  const failure = await withUploadFile(fileName, storedBody(pool, upload.body), (path) =>
    importBooks(imports, reader.read(path, { onSkip }, signal), options, (result) => addResult(progress, result)),
  )
    .finally(() => warnOfMore(progress))
    .then(finish)
    .then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
  // Before the upload is released: a lease renewal would claim it again.
  clearInterval(keeping);
  if (failure !== undefined) {
    await end(failure.error).catch((error: unknown) =>
      logger.warn({ err: error, id }, "the upload's end is not written"),
    );
  }

  async function finish(): Promise<void> {
    await finishUpload(pool, id, progress, null);
    logger.info({ id, fileName, books: progress.books, written: progress.written }, "upload imported");
  }

  async function end(error: unknown): Promise<void> {
    if (signal.aborted) return releaseUpload(pool, id, 0, true);
    if (error instanceof UnusableBookFile) return finishUpload(pool, id, progress, withoutFolder(error.message));
    if (error instanceof NeedsDecision) return awaitDecision(pool, id, error, progress);
    if (error instanceof BooksRefused) return finishUpload(pool, id, progress, error.message);
    logger.warn({ err: error, id, attempts }, "the import of an upload broke off");
    if (attempts < mostAttempts) return releaseUpload(pool, id, Math.min(attempts ** 2, 60), false);
    return finishUpload(pool, id, progress, brokenOff);
  }
}

function startProgress() {
  const none: { read: number | null; kept: number | null } = { read: null, kept: null };
  const lists = { firstBooks: [] as ImportResult[], warnings: [] as string[] };
  return { stepsDone: 0, steps: 0, books: 0, written: 0, unlisted: 0, ...lists, ...none };
}

function warn(progress: ReturnType<typeof startProgress>, ...warnings: readonly string[]): void {
  const listed = warnings.slice(0, Math.max(0, mostBooksListed - progress.warnings.length));
  progress.warnings.push(...listed);
  progress.unlisted += warnings.length - listed.length;
}

function warnOfMore(progress: ReturnType<typeof startProgress>): void {
  if (progress.unlisted > 0) progress.warnings.push(`${progress.unlisted} more warnings are not listed`);
}

function addResult(progress: ReturnType<typeof startProgress>, result: ImportResult): void {
  const { account } = result;
  progress.books += 1;
  if (result.events.length > 0) progress.written += 1;
  if (progress.firstBooks.length < mostBooksListed) progress.firstBooks.push(result);
  if (account === null) return;
  progress.read = (progress.read ?? 0) + account.read;
  progress.kept = (progress.kept ?? 0) + account.kept;
  warn(progress, ...account.warnings);
}
