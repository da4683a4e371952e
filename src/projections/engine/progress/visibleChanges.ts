import type { ChangeNumbers } from "./changeNumbers.ts";

/** A partition with changes that were not visible when they were noted. */
type Place = {
  readonly readModel: string;
  readonly partition: number;
  /** How many changes were noted, and how many of them a refresh has certainly shown. */
  noted: number;
  shown: number;
  /** When the last one is visible, and whether a timer waits for that. */
  visibleAt: number;
  isTimed: boolean;
};

/**
 * For stores that show a commit to queries only some time later: numbers a change a second time when it is visible. A response
 * that was computed in between may lack it, and would otherwise count as up to date until the next change.
 */
export function createVisibleChanges(changes: Pick<ChangeNumbers, "changedPartition">) {
  const places = new Map<string, Place>();

  const waitFor = (place: Place) => {
    place.isTimed = true;
    setTimeout(() => {
      if (place.shown < place.noted) changes.changedPartition(place.readModel, place.partition);
      if (place.visibleAt > performance.now()) waitFor(place);
      else place.isTimed = false;
    }, place.visibleAt - performance.now()).unref();
  };

  return {
    note(readModel: string, partition: number, withinMs: number): void {
      if (withinMs <= 0) return;
      const name = `${readModel} ${partition}`;
      const visibleAt = performance.now() + withinMs;
      const place = places.get(name) ?? { readModel, partition, noted: 0, shown: 0, visibleAt, isTimed: false };
      places.set(name, place);
      place.noted++;
      place.visibleAt = visibleAt;
      if (!place.isTimed) waitFor(place);
    },

    /** Runs a refresh. What was noted before it began is visible when it is over, also where that takes longer than usual. */
    async refreshed(readModel: string, refresh: () => Promise<void>): Promise<void> {
      const hidden = [...places.values()].filter((place) => place.readModel === readModel && place.shown < place.noted);
      const begun = hidden.map((place) => [place, place.noted] as const);
      await refresh();
      for (const [place, noted] of begun) {
        if (place.shown >= noted) continue;
        place.shown = noted;
        changes.changedPartition(readModel, place.partition);
      }
    },
  };
}
