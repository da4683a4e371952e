import { z } from "zod";
import type { EventDefinitions, EventOf } from "../event.ts";

/** An operator: a reader id, or the name of the tool used. */
const operator = z.string().min(1).max(200);

/** Events of what operators do to read models (`operations-projections`). Every build reads this category. */
export const skipsEvents = {
  /** The event is skipped permanently in every build of the read model. `position` is decimal. */
  ParkedEventSkipped: {
    version: 1,
    schema: z.strictObject({
      readModel: z.string().min(1).max(100),
      eventId: z.uuid(),
      position: z.string().regex(/^\d{1,20}$/),
      skippedBy: operator,
      reason: z.string().min(1).max(500),
    }),
  },
} as const satisfies EventDefinitions;

/** Events of scavenges of the log (`operations-scavenge`). */
export const scavengeEvents = {
  /** The scavenge starts once every checkpoint is at or past this event, so that no checkpoint refers to a removed event. */
  ScavengeBegun: { version: 1, schema: z.strictObject({ begunBy: operator }) },
  /** The server has finished the scavenge; erasures may continue. */
  ScavengeEnded: { version: 1, schema: z.strictObject({ result: z.string().max(200) }) },
} as const satisfies EventDefinitions;

export type SkipsEvent = EventOf<typeof skipsEvents>;
export type ScavengeEvent = EventOf<typeof scavengeEvents>;
