import type { Decider } from "../decider.ts";
import type { ProjectionsEvent } from "./events.ts";

/** Of what read models leave out: `read model, event id`. */
export type Skips = ReadonlySet<string>;

export type SkipParkedEvent = {
  readonly type: "SkipParkedEvent";
  readonly readModel: string;
  readonly eventId: string;
  /** Of the event in the log. */
  readonly position: bigint;
  readonly skippedBy: string;
  readonly reason: string;
};

const nameOf = ({ readModel, eventId }: { readonly readModel: string; readonly eventId: string }) =>
  `${readModel}, ${eventId}`;

/** The stream `operations-projections`: an event is skipped once and for good. */
export const projectionsDecider: Decider<Skips, SkipParkedEvent, ProjectionsEvent> = {
  initialState: new Set(),

  evolve: (skips, event) => new Set([...skips, nameOf(event.data)]),

  decide({ readModel, eventId, position, skippedBy, reason }, skips) {
    if (skips.has(nameOf({ readModel, eventId }))) return [];
    return [
      { type: "ParkedEventSkipped", data: { readModel, eventId, position: String(position), skippedBy, reason } },
    ];
  },
};
