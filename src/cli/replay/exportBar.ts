import type { ExportProgress } from "../../replay/export/runExport.ts";
import { type FillBar, startFillBar } from "../projections/fillBar.ts";

/** Shows the progress of an export, with its rate and the remaining time. */
export function followExport(stream: NodeJS.WritableStream & { isTTY?: boolean }): {
  show(progress: ExportProgress): void;
  stop(): void;
} {
  let bar: FillBar | undefined;
  return {
    show({ after, upTo, position, events, at }) {
      bar ??= startFillBar("export", stream);
      const start = after ?? 0n;
      bar.fill({ events, position: position - start, head: upTo - start, at });
    },
    stop: () => bar?.stop(),
  };
}
