import { z } from "zod";
import type { EventDefinitions, EventOf } from "../event.ts";
import { bookId, chapterId, deviceId } from "../ids.ts";
import { maxChapters } from "../library/limits.ts";
import { maxActiveSeconds, maxOffset } from "./limits.ts";

/** A time of a device's clock: ISO 8601, UTC, from 1970 on. */
export const deviceTime = z.iso.datetime().refine((time) => Date.parse(time) >= 0, "must not be before 1970");

const readingProgressed = z.strictObject({
  /** A UUID of the device, by which a repeated entry is known. */
  entryId: z.uuid(),
  bookId,
  chapterId,
  /** The chapter's number when the entry was accepted; if an edition had taken it away by then, the last that it had. */
  chapterNo: z.int().positive().max(maxChapters),
  /** UTF-16 units from the beginning of the chapter's text. */
  offset: z.int().nonnegative().max(maxOffset),
  /** When it was read. A time too far ahead of the server's clock became the server's; `readAtRaw` is what the device said. */
  readAt: deviceTime,
  readAtRaw: deviceTime.optional(),
  /** Seconds of reading that end at `readAt`. */
  activeSeconds: z.int().nonnegative().max(maxActiveSeconds),
  deviceId,
});

/** What can happen to a reader's places (`progress-<readerId>`): one event an entry. */
export const progressEvents = {
  ReadingProgressed: { version: 1, schema: readingProgressed },
} as const satisfies EventDefinitions;

export type ProgressEvent = EventOf<typeof progressEvents>;
/** A place in a book, as a device reports it. */
export type ProgressEntry = Readonly<z.output<typeof readingProgressed>>;
