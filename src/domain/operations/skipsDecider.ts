import type { Decider } from "../decider.ts";
import type { SkipsEvent } from "./events.ts";

/** The skipped events, as `read model, event id`. */
export type Skips = ReadonlySet<string>;

export type SkipParkedEvent = {
  readonly type: "SkipParkedEvent";
  readonly readModel: string;
  readonly eventId: string;
  /** Position of the event in the log. */
  readonly position: bigint;
  readonly skippedBy: string;
  readonly reason: string;
};

const nameOf = ({ readModel, eventId }: { readonly readModel: string; readonly eventId: string }) =>
  `${readModel}, ${eventId}`;

/** Decides on the stream `operations-projections`: an event is skipped once, permanently. */
export const skipsDecider: Decider<Skips, SkipParkedEvent, SkipsEvent> = {
  initialState: new Set(),

  evolve: (skips, event) => new Set([...skips, nameOf(event.data)]),

  decide({ readModel, eventId, position, skippedBy, reason }, skips) {
    if (skips.has(nameOf({ readModel, eventId }))) return [];
    return [
      { type: "ParkedEventSkipped", data: { readModel, eventId, position: String(position), skippedBy, reason } },
    ];
  },
};
