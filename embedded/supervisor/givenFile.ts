import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "../syncFolder.ts";
import type { EngineName } from "./engineNames.ts";
import { writePrivately } from "./writePrivately.ts";

const fileOf = (dataDir: string) => join(dataDir, "given.json");

/**
 * Records which parts are given to the stack that uses a data folder, for as long as no other one does. What the folder has of such a part
 * is of a time before, or nothing. Call it before anything is written that belongs to what the given parts have.
 */
export async function writeGiven(dataDir: string, names: readonly string[]): Promise<void> {
  await writePrivately(fileOf(dataDir), JSON.stringify(names), { flush: true });
  syncFolder(dataDir);
}

/** Which parts were given to the stack that used a data folder last; none if it was one of a release that did not record it. */
export async function readGiven(dataDir: string): Promise<readonly EngineName[]> {
  const text = await readFile(fileOf(dataDir), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]";
    throw error;
  });
  return JSON.parse(text);
}
