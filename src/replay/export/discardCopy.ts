import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Pool } from "../../platform/postgres.ts";
import { forgetCopy } from "../copies.ts";
import { manifestName } from "./manifest.ts";
import { progressName } from "./progressFile.ts";

/** Any release's plan. */
const planned = z.object({ exportId: z.uuid() });

/**
 * Deletes the folder of an export, ended or not, and takes the copy off the list first: what is killed in between can be done again. An
 * export writes its plan before it is on the list.
 */
export async function discardCopy(pool: Pick<Pool, "query">, folder: string): Promise<void> {
  for (const name of [manifestName, progressName]) {
    const exportId = await exportIdIn(join(folder, name), name === progressName);
    if (exportId !== undefined) await forgetCopy(pool, exportId);
  }
  await rm(folder, { recursive: true, force: true });
}

async function exportIdIn(path: string, isFirstLine: boolean): Promise<string | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  try {
    return planned.parse(JSON.parse(isFirstLine ? (text.split("\n")[0] ?? "") : text)).exportId;
  } catch {
    return undefined;
  }
}
