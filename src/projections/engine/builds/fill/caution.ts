/** How often a fill was started without an end or anything written: in all, and from the checkpoint where it is now. */
export type FillStarts = { readonly starts: number; readonly startsHere: number };

/** How a fill goes on over what processes may have died of. */
export type Caution = {
  /** The most events of a segment. */
  readonly events: number;
  /** Once so many are written what killed a process lies behind, and the fill goes on as ever. */
  readonly suspects: number;
  /** The next event is parked and not folded: processes died of it when it stood alone. */
  readonly condemned: boolean;
};

/** So many processes may die, of whatever, before the fill takes care. */
const deathsOfAFill = 2;
const firstSegment = 10_000;
const narrowing = 32;
/** Segments of 10,000 events, 313, 10, 1 and once more 1: then the one event is to blame. */
const narrowings = 5;

/** What the starts of a fill, the present one among them, say of what comes next in the log. */
export function cautionAfter({ starts, startsHere }: FillStarts): Caution {
  const step = starts - 1 - deathsOfAFill;
  if (step < 0) return carefree;
  return {
    events: segmentOf(step),
    suspects: step === 0 ? Number.POSITIVE_INFINITY : segmentOf(step - 1),
    condemned: step >= narrowings && startsHere > 1,
  };
}

export const carefree: Caution = {
  events: Number.POSITIVE_INFINITY,
  suspects: Number.POSITIVE_INFINITY,
  condemned: false,
};

function segmentOf(step: number): number {
  return Math.max(1, Math.ceil(firstSegment / narrowing ** step));
}
