import { z } from "zod";
import type { EventDefinitions, EventOf } from "../event.ts";
import { bookId } from "../ids.ts";
import { deviceTime } from "../progress/events.ts";
import { maxRounds } from "./limits.ts";

/** `readAt` is when it was, on the clock of the device or the server; `readAtRaw` what a device said that was too far ahead. */
const round = z.strictObject({
  bookId,
  round: z.int().positive().max(maxRounds),
  readAt: deviceTime,
  readAtRaw: deviceTime.optional(),
});

/** How often a reader reads a book through (`rounds-<readerId>`). The first round needs no beginning: it is the reading itself. */
export const roundsEvents = {
  ReadingRoundBegan: { version: 1, schema: round },
  BookFinished: { version: 1, schema: round },
} as const satisfies EventDefinitions;

export type RoundsEvent = EventOf<typeof roundsEvents>;
