import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "../syncFolder.ts";
import type { EngineName } from "./engineNames.ts";
import { writePrivately } from "./writePrivately.ts";

const fileOf = (dataDir: string) => join(dataDir, "given.json");

/**
 * Records which parts are given to the stack that uses a data folder, until another stack uses it. The folder's own data of a given
 * part is outdated or absent. Call it before writing anything that depends on the data of given parts.
 */
export async function writeGiven(dataDir: string, names: readonly string[]): Promise<void> {
  await writePrivately(fileOf(dataDir), JSON.stringify(names), { flush: true });
  syncFolder(dataDir);
}

/** The parts that were given to the stack that last used a data folder; none if its release did not record them. */
export async function readGiven(dataDir: string): Promise<readonly EngineName[]> {
  const text = await readFile(fileOf(dataDir), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]";
    throw error;
  });
  return JSON.parse(text);
}
