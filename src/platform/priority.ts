import { readdirSync } from "node:fs";
import { setPriority } from "node:os";

/**
 * Lets other work go before this process where processors are full; `niceness` is that of `nice`, from 0 to 19. On Linux a priority is a
 * thread's own, so all that there are by now are lowered, such as those of V8's garbage collector; later ones inherit it. Best effort.
 */
export function lowerPriority(niceness: number): void {
  if (niceness === 0) return;
  try {
    setPriority(niceness);
    for (const thread of readdirSync("/proc/self/task")) setPriority(Number(thread), niceness);
  } catch {
    // Not permitted, or not Linux: it runs like the others.
  }
}
