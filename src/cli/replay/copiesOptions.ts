import type { ExportOptions } from "../../replay/export/runExport.ts";

/** How a command works that reads copies, or makes one first. `onWarning` is told, for people, what of the copies may mislead. */
export type CopiesOptions = ExportOptions & { readonly onWarning: (warning: string) => void };

/** Prints warnings. */
export const warnOn =
  (stderr: NodeJS.WritableStream): CopiesOptions["onWarning"] =>
  (warning) =>
    void stderr.write(`heima: ${warning}\n`);
