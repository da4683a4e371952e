import type { Logger } from "../../platform/logger.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { ImportDependencies } from "../importBook.ts";
import { BooksRefused, importBooks } from "../importBooks.ts";
import { NeedsDecision } from "../needsDecision.ts";
import { UnusableBookFile } from "../parsedBook.ts";
import type { BookReader } from "../process/bookReader.ts";
import { ReadingBrokeOff } from "../process/ends.ts";
import { type ClaimedUpload, finishUpload, keepUpload, releaseUpload } from "./claims.ts";
import { awaitDecision } from "./decisions.ts";
import { addResult, startProgress, warn, warnOfMore } from "./progress.ts";
import { storedBody } from "./uploadBytes.ts";
import { withoutFolder, withUploadFile } from "./uploadFolder.ts";

export type ImportUploadDependencies = {
  readonly pool: Pool;
  readonly imports: ImportDependencies;
  readonly logger: Logger;
  readonly reader: BookReader;
  readonly leaseSeconds: number;
};

/** With pauses that grow to a minute, these cover some twenty minutes of a store being down. */
const maxAttempts = 25;
const brokenOff = "The import was interrupted repeatedly; the worker's log says why.";
/** A file whose reading broke off this many times may be at fault; between them are pauses of some minutes. */
const maxBrokenReadings = 3;
const brokenReadingPauseSeconds = 60;
/** The interval at which the claim is renewed, in milliseconds. */
const keepEveryMs = 1_000;

/**
 * Imports a claimed upload and writes its outcome, unless the claim has ended by then: the holder of the new claim then writes
 * the outcome. Never rejects; an upload whose outcome cannot be written is claimed again.
 */
export async function importUpload(
  upload: ClaimedUpload,
  deps: ImportUploadDependencies,
  stop: AbortSignal,
): Promise<void> {
  const { pool, imports, logger, leaseSeconds, reader } = deps;
  const { id, fileName, attempts, counted } = upload;
  const progress = startProgress();
  const lost = new AbortController();
  const signal = AbortSignal.any([stop, lost.signal]);
  const keep = async () => {
    if (!(await keepUpload(pool, upload, progress, leaseSeconds))) lost.abort(new Error("the claim has ended"));
  };
  const keeping = setInterval(() => {
    keep().catch((error: unknown) => logger.warn({ err: error, id }, "cannot renew the claim of an upload; retrying"));
  }, keepEveryMs);
  const outcome = await importIt().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  clearInterval(keeping);
  warnOfMore(progress);
  const isWritten = await (outcome === undefined ? finish(null) : end(outcome.error)).catch((error: unknown) => {
    logger.warn({ err: error, id }, "cannot record the outcome of an upload");
  });
  if (isWritten === false) logger.warn({ id, attempts }, "another worker has claimed the upload meanwhile");
  else if (isWritten && outcome === undefined)
    logger.info({ id, fileName, books: progress.books, written: progress.written }, "upload imported");

  async function importIt(): Promise<void> {
    // The previous claimer died before it could count the attempt.
    if (counted > maxAttempts) throw new BooksRefused(brokenOff);
    const onProgress = (done: number, total: number) => Object.assign(progress, { stepsDone: done, steps: total });
    const onSkip = (line: number, reason: string) => warn(progress, `line ${line} ${reason}`);
    const onLeftOut = (message: string) => warn(progress, message);
    const options = { ...upload.options, onProgress, onLeftOut, signal };
    await withUploadFile(fileName, storedBody(pool, upload.body), (path) =>
      importBooks(imports, reader.read(path, { onSkip }, signal), options, (result) => addResult(progress, result)),
    );
  }

  function finish(error: string | null): Promise<boolean> {
    return finishUpload(pool, upload, progress, error);
  }

  async function end(error: unknown): Promise<boolean> {
    if (lost.signal.aborted) return false;
    if (stop.aborted) return releaseUpload(pool, upload, 0, "interrupted");
    if (error instanceof UnusableBookFile) return finish(withoutFolder(error.message));
    if (error instanceof NeedsDecision) return awaitDecision(pool, upload, error, progress);
    if (error instanceof BooksRefused) return finish(error.message);
    logger.warn({ err: error, id, attempts }, "the import of an upload was interrupted");
    if (error instanceof ReadingBrokeOff) return endBrokenReading(error);
    if (counted < maxAttempts) return releaseUpload(pool, upload, Math.min(counted ** 2, 60));
    return finish(brokenOff);
  }

  async function endBrokenReading({ message }: ReadingBrokeOff): Promise<boolean> {
    const times = upload.brokenReadings + 1;
    if (times < maxBrokenReadings)
      return releaseUpload(pool, upload, times * brokenReadingPauseSeconds, "brokenReading");
    const advice = "upload it again when the workers' machine has more memory and time";
    return finish(`${withoutFolder(message)}, ${times} times; ${advice}`);
  }
}
