import type { ScavengeProgress } from "../commands/operations/runScavenge.ts";

/** The number of polls of the builds, five in a second, for which an obstacle that usually disappears is not reported. */
const patience = 10;

/**
 * Tells in lines what a scavenge does: which builds it waits for, why, and what to do, each once, at once if a store does not
 * answer; and that the event store scavenges.
 */
export function createScavengeSteps(tell: (line: string) => void): (progress: ScavengeProgress) => void {
  let looks = new Map<string, number>();
  const told = new Set<string>();
  let running: string | undefined;

  return (progress) => {
    if (progress.doing === "running") {
      if (running !== progress.id) tell(`the event store scavenges (${progress.id})`);
      running = progress.id;
      return;
    }
    const next = new Map<string, number>();
    for (const { build, message, hint, unreachable } of progress.obstacles) {
      const obstacle = JSON.stringify([build, hint]);
      const held = (looks.get(obstacle) ?? 0) + 1;
      next.set(obstacle, held);
      if (told.has(obstacle) || (held < patience && unreachable !== true)) continue;
      if (told.size === 0)
        tell(
          "Ctrl-C is safe while the scavenge waits: nothing has been removed, and erasures, which wait too, go on then",
        );
      told.add(obstacle);
      tell(`it waits for ${build}: ${message}\n    → ${hint}`);
    }
    looks = next;
  };
}
