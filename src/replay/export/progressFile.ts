import { appendFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "../../domain/parseJson.ts";
import { partialOf, replaceFile } from "../../platform/replaceFile.ts";
import { OtherRelease } from "../replayRefused.ts";
import { type ExportedFile, type ExportPlan, exportedFile, exportPlan } from "./manifest.ts";

/** In the folder of an export that has not ended: the plan, and a line for each file that is whole. */
export const progressName = "export.progress";

/** `bytes`: where in the progress file the lines of these files end. */
export type Begun = { readonly plan: ExportPlan; readonly files: readonly ExportedFile[]; readonly bytes: number };

/**
 * Reads the progress of an export in a folder; undefined if none was begun there. Each file begins where the one before it ended:
 * lines from the first that does not, or that was cut off, count as not written. Two processes that wrote at once leave such
 * lines.
 */
export async function readProgress(folder: string): Promise<Begun | undefined> {
  const text = await readFile(join(folder, progressName), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const [first, ...lines] = text.split("\n").slice(0, -1);
  if (first === undefined) return undefined;
  const plan = exportPlan.safeParse(parseJson(first));
  if (!plan.success) throw new OtherRelease(`${join(folder, progressName)} is of another release; delete the folder`);
  const files: ExportedFile[] = [];
  for (const line of lines) {
    const file = exportedFile.safeParse(parseJson(line));
    if (!file.success || file.data.from !== (files.at(-1)?.last ?? plan.data.range.after)) break;
    files.push(file.data);
  }
  const kept = [first, ...lines.slice(0, files.length)];
  return { plan: plan.data, files, bytes: kept.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) };
}

export async function beginProgress(folder: string, plan: ExportPlan): Promise<void> {
  await writeFile(join(folder, progressName), lineOf(plan), { flush: true });
}

/** Removes the lines that count as not written. It needs no room on the disk, and a kill at any moment leaves what counts. */
export async function resumeProgress(folder: string, { bytes }: Begun): Promise<void> {
  await truncate(join(folder, progressName), bytes);
}

export async function noteFile(folder: string, file: ExportedFile): Promise<void> {
  await appendFile(join(folder, progressName), lineOf(file), { flush: true });
}

/** Rewrites all files after some of them were replaced. */
export async function replaceProgress(folder: string, plan: ExportPlan, files: readonly ExportedFile[]): Promise<void> {
  await replaceFile(join(folder, progressName), [plan, ...files].map(lineOf).join(""));
}

export async function endProgress(folder: string): Promise<void> {
  await rm(join(folder, progressName), { force: true });
  await rm(join(folder, partialOf(progressName)), { force: true });
}

const lineOf = (line: ExportPlan | ExportedFile) => `${JSON.stringify(line)}\n`;
