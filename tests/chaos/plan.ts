import type { Random } from "./random.ts";

/** The processes that a run kills with SIGKILL. */
export const victims = ["api", "dispatcher", "worker", "redis", "postgres", "eventstore", "elasticsearch"] as const;

/** The kinds that kill a process with SIGKILL and do nothing else. */
export const killKinds = victims.map((victim) => `kill-${victim}` as const);

/** Every kind of fault, by the name that `--faults` takes. */
export const faultKinds = [
  ...killKinds,
  ...(["flushall", "redis-empty", "reset", "stall", "half-open"] as const),
  ...(["postgres-stopped", "postgres-away", "eventstore-stopped", "eventstore-away"] as const),
  ...(["elasticsearch-stopped", "elasticsearch-away"] as const),
  ...(["elasticsearch-emptied", "elasticsearch-read-only", "elasticsearch-busy"] as const),
  ...(["worker-stopped", "dispatcher-stopped", "second-dispatcher", "second-worker", "clock-jump"] as const),
  ...(["jobs-duplicated", "jobs-delayed", "jobs-reordered", "full-disk", "torn-tail"] as const),
  ...(["rebuild", "poison", "parked-retry", "parked-skip", "scavenge"] as const),
] as const;
export type FaultKind = (typeof faultKinds)[number];

export type Fault = {
  /** From the beginning of the load. */
  readonly atMs: number;
  readonly kind: FaultKind;
  /** The seed of all random choices of the fault. */
  readonly seed: number;
  /** Duration of the outage. */
  readonly forMs: number;
};

/** The faults that need an event parked before them. */
const afterPoison: readonly FaultKind[] = ["parked-retry", "parked-skip"];
const aways: readonly FaultKind[] = [
  ...(["postgres-stopped", "postgres-away", "eventstore-stopped", "eventstore-away"] as const),
  ...(["elasticsearch-stopped", "elasticsearch-away"] as const),
];

/** Time between the last faults and the end of the load, so that it continues after them for a moment. */
const calmMs = 3_000;
const minuteMs = 60_000;

/**
 * Distributes the faults of a run over its length, by the seed. In each minute every process is killed once, and of the other
 * kinds each comes with a chance of one half; with `every` all come. One outage lasts for `longAwayMs`, if that is not 0.
 */
export function planFaults(
  random: Random,
  run: {
    readonly lengthMs: number;
    readonly kinds: readonly FaultKind[];
    readonly every: boolean;
    readonly longAwayMs: number;
  },
): readonly Fault[] {
  const { lengthMs, kinds, every, longAwayMs } = run;
  const minutes = Math.max(1, Math.round((lengthMs - longAwayMs) / minuteMs));
  const planned: Fault[] = [];
  const wanted = (kind: FaultKind) => kinds.includes(kind);
  const long = longAwayMs > 0 ? random.pick(aways) : undefined;
  let longDone = false;
  for (let minute = 0; minute < minutes; minute++) {
    const others = faultKinds.filter((kind) => !killKinds.some((kill) => kill === kind));
    const drawn = others.filter((kind) => every || random.next() < 0.5 || kind === long);
    const deck = inOrder(random.shuffle([...killKinds, ...drawn]).filter(wanted));
    const from = (minute * lengthMs) / minutes;
    const slot = (lengthMs / minutes - calmMs) / deck.length;
    for (const [index, kind] of deck.entries()) {
      const isLong: boolean = kind === long && !longDone;
      longDone ||= isLong;
      planned.push({
        atMs: Math.round(from + slot * (index + random.next())),
        kind,
        seed: random.between(0, 2 ** 31 - 1),
        forMs: isLong ? longAwayMs : random.between(3_000, 8_000),
      });
    }
  }
  return planned;
}

/** Moves faults that need a parked event after the first one that parks one. */
function inOrder(deck: readonly FaultKind[]): readonly FaultKind[] {
  const first = deck.indexOf("poison");
  if (first < 0) return deck.filter((kind) => !afterPoison.includes(kind));
  const early = deck.slice(0, first).filter((kind) => afterPoison.includes(kind));
  return deck.filter((kind) => !early.includes(kind)).concat(early);
}

/** The seed of run `number` of several, from the seed of all. */
export function seedOfRun(seed: number, number: number): number {
  return (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(number, 0xc2b2ae35)) >>> 0;
}
