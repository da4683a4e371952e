import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { discardCopy } from "../replay/export/discardCopy.ts";
import type { ExportOptions } from "../replay/export/runExport.ts";
import type { Asked } from "../replay/range.ts";
import { withParts } from "./cliParts.ts";
import { exportEvents } from "./exportEvents.ts";

const nothing = {
  since: undefined,
  types: undefined,
  books: undefined,
  readers: undefined,
  identitiesReason: undefined,
};

/**
 * Copies the log into a temporary folder for a piece of work. The copy stays in the list of copies only if `keptIn` names the
 * place where its events are kept.
 */
export async function withFreshCopy(
  range: { readonly from: Asked | undefined; readonly to: Asked | undefined },
  {
    operatorName,
    keptIn,
    ...options
  }: ExportOptions & { readonly operatorName: string; readonly keptIn?: string | undefined },
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "heima-replay-"));
  try {
    await withParts(async (parts) => {
      const copy = { ...range, ...nothing, format: "parquet" as const, folder, by: undefined };
      let isKept = false;
      try {
        await exportEvents(parts, copy, operatorName, options, keptIn);
        await work(folder);
        isKept = keptIn !== undefined;
      } finally {
        if (!isKept) await discardCopy(parts.pool, folder);
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
