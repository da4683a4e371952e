import { randomUUID } from "node:crypto";
import { type RecordProgressDeps, recordProgress } from "../../commands/reading/recordProgress.ts";
import type { Pool } from "../../platform/postgres.ts";
import { progressInBook } from "../../queries/reading/progressInBook.ts";
import type { IncomingRequest } from "../endpoint.ts";
import { courseContext, noted } from "./courseEndpoint.ts";

/** Front ends of the course do not say which device they are on. */
const courseDevice = "course";

/** What is noted of a chapter that a reader opens is seen in this. */
export const notedIn = ["places"] as const;

type Opened = {
  readonly readerId: string;
  readonly bookId: string;
  readonly chapterId: string;
  /** UTF-16 units. */
  readonly length: number;
};

/**
 * How much of a chapter that a reader opens lies before the reader's latest place, in percent. If that is in another chapter, the
 * beginning of this one becomes the latest: front ends of the course report no progress, they open the chapters that are read.
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
    ...{ entryId: randomUUID(), bookId, chapterId, offset: 0, activeSeconds: 0, deviceId: courseDevice },
    readAt: context.occurredAt,
  };
  await noted(incoming, notedIn, recordProgress(commands, { readerId, entries: [entry] }, context));
  return 0;
}
