import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ReplayRefused } from "../replayRefused.ts";
import { type ExportedFile, type ExportPlan, exportedFile, exportPlan } from "./manifest.ts";

/** In the folder of an export that has not ended: the plan, and a line for each file that is whole. */
export const progressName = "export.progress";

/** How far an export in a folder is; undefined if none was begun there. A last line that was cut off counts as not written. */
export async function readProgress(
  folder: string,
): Promise<{ readonly plan: ExportPlan; readonly files: readonly ExportedFile[] } | undefined> {
  const text = await readFile(join(folder, progressName), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const [first, ...lines] = text.split("\n").slice(0, -1);
  if (first === undefined) return undefined;
  const plan = exportPlan.safeParse(JSON.parse(first));
  if (!plan.success) throw new ReplayRefused(`${join(folder, progressName)} is of another release; delete the folder`);
  return { plan: plan.data, files: lines.map((line) => exportedFile.parse(JSON.parse(line))) };
}

export async function beginProgress(folder: string, plan: ExportPlan): Promise<void> {
  await writeFile(join(folder, progressName), `${JSON.stringify(plan)}\n`, { flush: true });
}

export async function noteFile(folder: string, file: ExportedFile): Promise<void> {
  await appendFile(join(folder, progressName), `${JSON.stringify(file)}\n`, { flush: true });
}

/** Writes all files anew: after some of them were replaced. */
export async function replaceProgress(folder: string, plan: ExportPlan, files: readonly ExportedFile[]): Promise<void> {
  const lines = [plan, ...files].map((line) => `${JSON.stringify(line)}\n`);
  await writeFile(join(folder, progressName), lines.join(""), { flush: true });
}

export async function endProgress(folder: string): Promise<void> {
  await rm(join(folder, progressName), { force: true });
}
