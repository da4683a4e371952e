/** The number of starts of a fill that did not end or write: in total, and from its current checkpoint. */
export type FillStarts = { readonly starts: number; readonly startsHere: number };

/** The precautions of a fill at events that may have killed processes. */
export type Caution = {
  /** The maximum number of events in a segment. */
  readonly events: number;
  /** After this many written events the suspected ones are passed, and the fill proceeds normally. */
  readonly suspected: number;
  /** The next event is parked without being applied: processes died when it was alone in a segment. */
  readonly quarantined: boolean;
};

/** The number of processes that may die during a fill, for any reason, before it uses smaller segments. */
const deathsOfAFill = 2;
const firstSegment = 10_000;
const narrowing = 32;
/** Segments of 10,000 events, 313, 10, 1 and once more 1: then that event is blamed. */
const narrowings = 5;

/** Derives the caution from the fill's starts, including the current one. */
export function cautionAfter({ starts, startsHere }: FillStarts): Caution {
  const step = starts - 1 - deathsOfAFill;
  if (step < 0) return normal;
  return {
    events: segmentOf(step),
    suspected: step === 0 ? Number.POSITIVE_INFINITY : segmentOf(step - 1),
    quarantined: step >= narrowings && startsHere > 1,
  };
}

export const normal: Caution = {
  events: Number.POSITIVE_INFINITY,
  suspected: Number.POSITIVE_INFINITY,
  quarantined: false,
};

function segmentOf(step: number): number {
  return Math.max(1, Math.ceil(firstSegment / narrowing ** step));
}
