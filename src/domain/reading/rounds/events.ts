import { z } from "zod";
import type { EventDefinitions, EventOf } from "../../event.ts";
import { bookId } from "../../ids.ts";
import { deviceTime } from "../progress/events.ts";
import { maxRounds } from "./limits.ts";

/**
 * `readAt` is by the clock of the device or the server, and not later than the server's (unless the event before is); `readAtRaw` is
 * the reported time if that was corrected by more than five seconds. An event whose `readAt` is before that of an earlier event of the
 * book has no effect: releases before decision 0112 wrote such events.
 */
const round = z.strictObject({
  bookId,
  round: z.int().positive().max(maxRounds),
  readAt: deviceTime,
  readAtRaw: deviceTime.optional(),
});

/**
 * Events of a reader's rounds, complete readings of a book (`rounds-<readerId>`). The first round starts implicitly with the
 * first reading.
 */
export const roundsEvents = {
  ReadingRoundBegan: { version: 1, schema: round },
  BookFinished: { version: 1, schema: round },
} as const satisfies EventDefinitions;

export type RoundsEvent = EventOf<typeof roundsEvents>;
