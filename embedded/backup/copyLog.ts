import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { copyTree } from "./copyTree.ts";

/**
 * Copies the files of an event store that runs, but not while it scavenges. `head` comes first: of what is in the chunks beyond it the copied store drops a commit that
 * was cut off, and what is before it must be there. A chunk that is begun meanwhile is left out.
 */
export async function copyLog(folder: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await copyTree(join(folder, "head"), join(target, "head"));
  const names = (await readdir(folder)).filter((name) => /^\d+\.(chunk|index)$/.test(name)).sort();
  for (const name of names) await copyTree(join(folder, name), join(target, name));
}
