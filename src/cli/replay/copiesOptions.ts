import type { ExportOptions } from "../../replay/export/runExport.ts";

/**
 * Options of a command that reads copies, or makes one first. `onWarning` is called with each reason why the copies may mislead,
 * in words for people.
 */
export type CopiesOptions = ExportOptions & { readonly onWarning: (warning: string) => void };

/** Prints warnings. */
export const warnOn =
  (stderr: NodeJS.WritableStream): CopiesOptions["onWarning"] =>
  (warning) =>
    void stderr.write(`heima: ${warning}\n`);
