import { randomUUID } from "node:crypto";
import { type RecordProgressDeps, recordProgress } from "../../commands/reading/recordProgress.ts";
import type { Pool } from "../../platform/postgres.ts";
import { progressInBook } from "../../queries/reading/progressInBook.ts";
import type { IncomingRequest } from "../endpoint.ts";
import { courseContext, noted } from "./courseEndpoint.ts";

/** Course front ends do not identify their device. */
const courseDevice = "course";

/** The read models in which an opened chapter becomes visible. */
export const notedIn = ["places"] as const;

type Opened = {
  readonly readerId: string;
  readonly bookId: string;
  readonly chapterId: string;
  /** UTF-16 units. */
  readonly length: number;
};

/**
 * The percentage of an opened chapter before the reader's latest place. If the latest place is in another chapter, the
 * beginning of this one is recorded as the latest: course front ends do not report progress, but open the chapters that are
 * read.
 */
export async function openChapter(
  pool: Pool,
  commands: RecordProgressDeps,
  incoming: IncomingRequest,
  { readerId, bookId, chapterId, length }: Opened,
): Promise<number> {
  const found = await progressInBook(pool, readerId, bookId);
  const { latest } = JSON.parse(found ?? '{"latest":null}') as { latest: { chapterId: string; offset: number } | null };
  if (latest?.chapterId === chapterId) return length === 0 ? 0 : Math.floor((100 * latest.offset) / length);
  const context = courseContext(incoming, { bookId, chapterId });
  const entry = {
    entryId: randomUUID(),
    bookId,
    chapterId,
    offset: 0,
    activeSeconds: 0,
    deviceId: courseDevice,
    readAt: context.occurredAt,
  };
  await noted(incoming, notedIn, () => recordProgress(commands, { readerId, entries: [entry] }, context));
  return 0;
}
