import type { Decider } from "../decider.ts";
import type { ScavengeEvent } from "./events.ts";

/** `events`: the number of events in the stream; `underWay`: the revision of the unfinished scavenge's marker. */
export type Scavenges = { readonly events: number; readonly underWay: number | undefined };

export type ScavengeCommand =
  /**
   * Appends nothing while another scavenge is under way. With `force` that one is considered dead, and its end is no longer
   * recorded.
   */
  | { readonly type: "BeginScavenge"; readonly begunBy: string; readonly force: boolean }
  /** `marker`: the revision of this scavenge's ScavengeBegun. */
  | { readonly type: "EndScavenge"; readonly marker: number; readonly result: string };

/** Decides on the stream `operations-scavenge`: only the scavenge that began last can be under way. */
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
