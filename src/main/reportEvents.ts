import { rm, stat } from "node:fs/promises";
import type { ReportArguments } from "../cli/replay/report.ts";
import { partialOf, replaceFile } from "../platform/replaceFile.ts";
import { requireWritable } from "../platform/writableFile.ts";
import { wholeCopies } from "../replay/duck/eventsTable.ts";
import type { ExportOptions } from "../replay/export/runExport.ts";
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
  options: ExportOptions,
): Promise<number> {
  const { from, to, folders, out } = asked;
  await requireWritable(out);
  const write = async (copies: readonly string[]) => {
    const figures = await makeFigures(
      await wholeCopies(copies),
      { from, to },
      { limits: duckLimits(), signal: options.signal },
    );
    await replaceFile(out, reportPage(figures)).finally(() => rm(partialOf(out), { force: true }));
  };
  const all = { from: undefined, to: undefined };
  if (folders.length > 0) await write(folders);
  else await withFreshCopy(all, { ...options, operatorName }, (folder) => write([folder]));
  return (await stat(out)).size;
}
