import { rm, stat } from "node:fs/promises";
import type { CopiesOptions } from "../cli/replay/copiesOptions.ts";
import type { ReportArguments } from "../cli/replay/report.ts";
import { partialOf, replaceFile } from "../platform/replaceFile.ts";
import { requireWritable } from "../platform/writableFile.ts";
import { doubtsAbout, wholeCopies } from "../replay/duck/eventsTable.ts";
import { makeFigures } from "../replay/report/makeReport.ts";
import { reportPage } from "../replay/report/page.ts";
import { duckLimits } from "./duckLimits.ts";
import { withFreshCopy } from "./freshCopy.ts";

/**
 * Writes the report about a period; resolves with its size in bytes. A temporary copy is of the whole log: who read before the period is not
 * new in it, and events that arrived later belong to it too.
 */
export async function reportEvents(
  asked: ReportArguments,
  operatorName: string,
  options: CopiesOptions,
): Promise<number> {
  const { from, to, folders, out } = asked;
  await requireWritable(out);
  const write = async (given: readonly string[]) => {
    const copies = await wholeCopies(given);
    for (const doubt of doubtsAbout(copies)) options.onWarning(doubt);
    const [first] = copies;
    if (first !== undefined && first.manifest.range.after !== null)
      options.onWarning(`${first.folder} does not begin with the log: who read before it counts as new in retention`);
    const figures = await makeFigures(copies, { from, to }, { limits: duckLimits(), signal: options.signal });
    await replaceFile(out, reportPage(figures)).finally(() => rm(partialOf(out), { force: true }));
  };
  const all = { from: undefined, to: undefined };
  if (folders.length > 0) await write(folders);
  else await withFreshCopy(all, { ...options, operatorName }, (folder) => write([folder]));
  return (await stat(out)).size;
}
