import type { Decider } from "../decider.ts";
import type { ScavengeEvent } from "./events.ts";

/** `events`: how many the stream has; `underWay`: the revision of the marker of the scavenge that has not ended. */
export type Scavenges = { readonly events: number; readonly underWay: number | undefined };

export type ScavengeCommand =
  /** Writes nothing while another one is under way; with `force` that one is taken for dead, and its end is not written any more. */
  | { readonly type: "BeginScavenge"; readonly begunBy: string; readonly force: boolean }
  /** `marker`: the revision of the scavenge's own ScavengeBegun. */
  | { readonly type: "EndScavenge"; readonly marker: number; readonly result: string };

/** The stream `operations-scavenge`: of all scavenges the last that was begun counts. */
export const scavengeDecider: Decider<Scavenges, ScavengeCommand, ScavengeEvent> = {
  initialState: { events: 0, underWay: undefined },

  evolve({ events }, event) {
    return { events: events + 1, underWay: event.type === "ScavengeBegun" ? events : undefined };
  },

  decide(command, { underWay }) {
    switch (command.type) {
      case "BeginScavenge": {
        if (underWay !== undefined && !command.force) return [];
        return [{ type: "ScavengeBegun", data: { begunBy: command.begunBy } }];
      }
      case "EndScavenge": {
        if (underWay !== command.marker) return [];
        return [{ type: "ScavengeEnded", data: { result: command.result.slice(0, 200) } }];
      }
    }
  },
};
