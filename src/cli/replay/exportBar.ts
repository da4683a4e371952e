import type { ExportProgress } from "../../replay/export/runExport.ts";
import type { LogSearchProgress } from "../../replay/logSearch.ts";
import { type FillBar, startFillBar } from "../projections/fillBar.ts";

/** Shows the progress of an export, and of what is looked for in the log first, with the rate and the remaining time. */
export function followExport(stream: NodeJS.WritableStream & { isTTY?: boolean }): {
  show(progress: ExportProgress): void;
  look(progress: LogSearchProgress): void;
  stop(): void;
} {
  let bar: FillBar | undefined;
  return {
    show({ after, upTo, position, events, at }) {
      bar ??= startFillBar("export", stream);
      const start = after ?? 0n;
      bar.fill({ events, position: position - start, head: upTo - start, at });
    },
    look(progress) {
      bar ??= startFillBar("export", stream);
      showSearchProgress(bar)(progress);
    },
    stop: () => bar?.stop(),
  };
}

/** Shows what is looked for in the log, and how far. */
export const showSearchProgress =
  (bar: FillBar) =>
  ({ what, events, position, upTo }: LogSearchProgress): void => {
    bar.phase(`looking for ${what}`);
    bar.fill({ events, position, head: upTo, at: new Date() });
  };
