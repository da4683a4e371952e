import { z } from "zod";
import type { EventDefinitions, EventOf } from "../event.ts";

/** Operators are named by their reader id, or by what they used. */
const operator = z.string().min(1).max(200);

/** What operators do to the read models (`operations-projections`). Every build reads the streams of operators. */
export const projectionsEvents = {
  /** An event is left out of a read model for good, in every build of it. `position` is decimal. */
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

/** When the log was scavenged (`operations-scavenge`). */
export const scavengeEvents = {
  /** A scavenge follows once every checkpoint is at this event or past it: no checkpoint then names an event that goes. */
  ScavengeBegun: { version: 1, schema: z.strictObject({ begunBy: operator }) },
  /** The server has scavenged up to its end: erasures may go on. */
  ScavengeEnded: { version: 1, schema: z.strictObject({ result: z.string().max(200) }) },
} as const satisfies EventDefinitions;

export type ProjectionsEvent = EventOf<typeof projectionsEvents>;
export type ScavengeEvent = EventOf<typeof scavengeEvents>;

/** Who skips what in the read models. */
export const projectionsStream = "operations-projections";
/** When scavenges began and ended. */
export const scavengeStream = "operations-scavenge";
