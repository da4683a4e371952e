import { z } from "zod";
import type { EventDefinitions, EventOf } from "../../event.ts";
import { bookId, chapterId, deviceId } from "../../ids.ts";
import { maxChapters } from "../../library/limits.ts";
import { maxActiveSeconds, maxOffset } from "./limits.ts";

/** A time by a device's clock: ISO 8601, UTC, from 1970. */
export const deviceTime = z.iso.datetime().refine((time) => Date.parse(time) >= 0, "must not be before 1970");

const readingProgressed = z.strictObject({
  /** A UUID chosen by the device; identifies a repeated entry. */
  entryId: z.uuid(),
  bookId,
  chapterId,
  /** The chapter's number when the entry was accepted; if an edition had removed the chapter by then, its last number. */
  chapterNo: z.int().positive().max(maxChapters),
  /** UTF-16 units from the beginning of the chapter's text. */
  offset: z.int().nonnegative().max(maxOffset),
  /**
   * When the reading ended. All times that a device reports together are corrected by as much as its clock is ahead of the server's;
   * beyond five seconds `readAtRaw` is the reported time, and the last entry of a book is later than what its device read of the book before.
   * Earlier events: times of up to five minutes ahead stayed, later ones became the server's.
   */
  readAt: deviceTime,
  readAtRaw: deviceTime.optional(),
  /** Seconds of reading, ending at `readAt`. */
  activeSeconds: z.int().nonnegative().max(maxActiveSeconds),
  deviceId,
});

/** Events of a reader's progress (`progress-<readerId>`), one per entry. */
export const progressEvents = {
  ReadingProgressed: { version: 1, schema: readingProgressed },
} as const satisfies EventDefinitions;

export type ProgressEvent = EventOf<typeof progressEvents>;
/** A place in a book, as reported by a device. */
export type ProgressEntry = Readonly<z.output<typeof readingProgressed>>;

/** Whether the entry's time was corrected by more than `silentCorrectionMs`. */
export const isCorrected = ({ readAtRaw }: Pick<ProgressEntry, "readAtRaw">) => readAtRaw !== undefined;
