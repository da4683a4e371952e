import { type Caution, normal } from "./caution.ts";

/** The factor by which a refused segment shrinks, until a single event is left to blame; what is written lets the next one grow by it. */
const factor = 8;

/** Computes the maximum number of events of the next segment of a fill: see `cautionAfter` for where `care` begins. */
export function createSegmentSize(care: Caution = normal) {
  let caution = care;
  let limit = care.events;
  let writtenEvents = 0;
  return {
    limit: () => limit,
    /** Whether the next event is parked without being applied. */
    isQuarantined: () => caution.quarantined,
    /** The store refused a segment of so many events. */
    refused(events: number): void {
      limit = Math.max(1, Math.ceil(events / factor));
    },
    /**
     * A segment of so many events was written. Returns whether earlier starts of the fill say nothing any more: all events among which
     * processes died are written.
     */
    written(events: number): boolean {
      writtenEvents += events;
      if (caution === normal) {
        limit *= factor;
        return events > 0;
      }
      if (events === 0 || (writtenEvents < caution.suspected && !caution.quarantined)) return false;
      limit = caution.events * factor;
      caution = normal;
      return true;
    },
  };
}
