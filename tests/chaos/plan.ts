import type { Random } from "./random.ts";

/** The processes that a run kills with SIGKILL. */
export const victims = ["api", "dispatcher", "worker", "redis", "postgres", "eventstore"] as const;

export type Fault = { readonly atMs: number } & (
  | { readonly kind: "kill"; readonly victim: (typeof victims)[number] }
  | { readonly kind: "flushall" }
  | { readonly kind: "freeze postgres"; readonly forMs: number }
);

/**
 * Spreads the faults of a run over its length, by the seed: `kills` SIGKILLs, each victim as often as the others give or take
 * one, `flushes` FLUSHALLs, and Postgres stopped once for `freezeMs` (0: never).
 */
export function planFaults(
  random: Random,
  run: { lengthMs: number; kills: number; flushes: number; freezeMs: number },
): readonly Fault[] {
  const { lengthMs, kills, flushes, freezeMs } = run;
  const deck: Fault[] = [
    ...Array.from({ length: kills }, (_, index) => ({
      kind: "kill" as const,
      victim: victims[index % victims.length],
    })),
    ...Array.from({ length: flushes }, () => ({ kind: "flushall" as const })),
    ...(freezeMs > 0 ? [{ kind: "freeze postgres" as const, forMs: freezeMs }] : []),
  ].map((fault) => ({ ...fault, atMs: 0 }) as Fault);
  const slot = lengthMs / (deck.length + 1);
  return random
    .shuffle(deck)
    .map((fault, index) => ({ ...fault, atMs: Math.round(slot * (index + 0.5 + random.next())) }));
}
