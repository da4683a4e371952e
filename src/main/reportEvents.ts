import { rm, writeFile } from "node:fs/promises";
import type { CopiesOptions } from "../cli/replay/copiesOptions.ts";
import type { ReportArguments } from "../cli/replay/report.ts";
import { partialOf, replaceFile } from "../platform/replaceFile.ts";
import { isPipeOrDevice, isStandardOutput, requireWritable } from "../platform/writableFile.ts";
import { warningsAbout, wholeCopies } from "../replay/duck/eventsTable.ts";
import { makeFigures } from "../replay/report/makeReport.ts";
import { reportPage } from "../replay/report/page.ts";
import { duckLimits } from "./duckLimits.ts";
import { withFreshCopy } from "./freshCopy.ts";

/**
 * Writes the report about a period; resolves with its size in bytes. A temporary copy is of the whole log: who read before the period is not
 * new in it, and events that arrived later belong to it too. A file takes the place of the one before in one step; a symbolic link stays.
 * `print` writes to the standard output, if that is named.
 */
export async function reportEvents(
  asked: ReportArguments,
  print: (page: string) => Promise<void>,
  operatorName: string,
  options: CopiesOptions,
): Promise<number> {
  const { from, to, folders, out } = asked;
  const isPrinted = await isStandardOutput(out);
  const path = isPrinted || (await isPipeOrDevice(out)) ? undefined : await requireWritable(out);
  let bytes = 0;
  const write = async (given: readonly string[]) => {
    const copies = await wholeCopies(given);
    for (const doubt of warningsAbout(copies)) options.onWarning(doubt);
    const [first] = copies;
    if (first !== undefined && first.manifest.range.after !== null)
      options.onWarning(`${first.folder} does not begin with the log: who read before it counts as new in retention`);
    const figures = await makeFigures(copies, { from, to }, { limits: duckLimits(), signal: options.signal });
    const page = reportPage(figures);
    bytes = Buffer.byteLength(page);
    if (isPrinted) await print(page);
    else if (path === undefined) await writeFile(out, page);
    else await replaceFile(path, page).finally(() => rm(partialOf(path), { force: true }));
  };
  const all = { from: undefined, to: undefined };
  if (folders.length > 0) await write(folders);
  else await withFreshCopy(all, { ...options, operatorName }, (folder) => write([folder]));
  return bytes;
}
