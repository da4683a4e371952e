import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppendTooLarge, StreamDeleted } from "../../commands/errors.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { ImportDeps, ImportResult } from "../importBook.ts";
import { importBooks } from "../importBooks.ts";
import { UnusableBookFile } from "../parsedBook.ts";
import { readBooks } from "../readBooks.ts";
import { type ClaimedUpload, claimUpload, finishUpload, keepUpload, releaseUpload } from "./uploads.ts";

export type ImportUploadsOptions = {
  readonly pool: Pool;
  readonly imports: ImportDeps;
  readonly logger: Logger;
  /** Milliseconds between two looks for a waiting upload. */
  readonly lookEveryMs?: number;
  /** Seconds for which an upload is held without a sign of life of whoever imports it. */
  readonly leaseSeconds?: number;
};

/** With pauses that grow to a minute: some twenty minutes of a store being away. */
const mostAttempts = 25;
/** Of a catalogue not every book is told. */
const mostBooksTold = 100;

/**
 * Imports the uploads that wait, one at a time, until `close` is called. An upload is never lost: one that a killed process
 * leaves is taken up again when its lease ends, and importing twice writes nothing twice.
 */
export function startImportingUploads(options: ImportUploadsOptions): { close(): Promise<void> } {
  const { pool, logger, lookEveryMs = 1_000, leaseSeconds = 30 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const upload = await claimUpload(pool, leaseSeconds).catch((error: unknown) => {
        logger.warn({ err: error }, "no look for waiting uploads");
        return undefined;
      });
      if (upload === undefined) await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
      else await importUpload(upload, { ...options, leaseSeconds }, signal);
    }
  }
  const running = run();
  return {
    async close() {
      stopping.abort(new Error("the process stops"));
      await running;
    },
  };
}

async function importUpload(
  upload: ClaimedUpload,
  { pool, imports, logger, leaseSeconds }: ImportUploadsOptions & { readonly leaseSeconds: number },
  signal: AbortSignal,
): Promise<void> {
  const { id, fileName, attempts } = upload;
  const progress = { stepsDone: 0, steps: 0, books: 0, written: 0, firstBooks: [] as ImportResult[] };
  const keeping = setInterval(() => {
    keepUpload(pool, id, progress, leaseSeconds).catch((error: unknown) => logger.warn({ err: error, id }, "not kept"));
  }, 1_000);
  const onProgress = (done: number, total: number) => Object.assign(progress, { stepsDone: done, steps: total });
  const failure = await withFile(upload, (path) =>
    importBooks(imports, readBooks(path), { ...upload.options, onProgress, signal }, (result) => {
      progress.books += 1;
      if (result.events.length > 0) progress.written += 1;
      if (progress.firstBooks.length < mostBooksTold) progress.firstBooks.push(result);
    }),
  )
    .then(finish)
    .then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
  // Before the upload is released: a sign of life would take it again.
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
    if (error instanceof UnusableBookFile) return finishUpload(pool, id, progress, told(error.message));
    logger.warn({ err: error, id, attempts }, "the import of an upload broke off");
    if (error instanceof StreamDeleted) return finishUpload(pool, id, progress, "The book was erased for good.");
    if (error instanceof AppendTooLarge) {
      return finishUpload(pool, id, progress, "The book is too large: what it changes cannot be written at once.");
    }
    if (attempts < mostAttempts) return releaseUpload(pool, id, Math.min(attempts ** 2, 60), false);
    return finishUpload(pool, id, progress, "The import broke off again and again; the worker's log says why.");
  }
}

/** The file's own name says the book's title if nothing else does. */
async function withFile(upload: ClaimedUpload, work: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "heima-upload-"));
  try {
    const path = join(folder, upload.fileName);
    await writeFile(path, upload.body);
    await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The message without the folder that only we know. */
function told(message: string): string {
  return message.replace(/\S*heima-upload-[^/]*\//g, "");
}
