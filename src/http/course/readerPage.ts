import { randomUUID } from "node:crypto";
import { type OpenChapterDependencies, openChapter } from "../../commands/reading/openChapter.ts";
import type { Pool } from "../../platform/postgres.ts";
import { latestPlace } from "../../queries/reading/latestPlace.ts";
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
export async function progressIn(
  pool: Pool,
  commands: OpenChapterDependencies,
  incoming: IncomingRequest,
  { readerId, bookId, chapterId, length }: Opened,
): Promise<number> {
  const known = () => latestPlace(pool, readerId, bookId);
  const context = courseContext(incoming, { bookId, chapterId });
  const opened = { readerId, bookId, chapterId, deviceId: courseDevice, entryId: randomUUID() };
  await noted(incoming, notedIn, () => openChapter(commands, opened, known, context));
  // By now the read model has the place that the command found or made.
  const latest = await known();
  return latest?.chapterId !== chapterId || length === 0 ? 0 : Math.floor((100 * latest.offset) / length);
}
