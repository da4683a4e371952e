import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateLog } from "./generate.ts";
import type { LogFiles } from "./logFiles.ts";

/** Lines of progress while a log is written, in events. */
const sayEvery = 500_000;

/**
 * Writes a log of this many readers' events into the store that `open` returns, or reuses a complete log in `dataDir` with the same
 * parameters. Throws if another log is there.
 */
export async function keptLog(
  open: () => LogFiles,
  dataDir: string,
  numbers: { readonly count: number; readonly seed: number },
): Promise<void> {
  const note = join(dataDir, "log.json");
  const wanted = JSON.stringify(numbers);
  const known = await readFile(note, "utf8").catch(() => undefined);
  if (known === wanted) return console.log(`the log of ${numbers.count} events lies in ${dataDir}`);
  if (known !== undefined) throw new Error(`${dataDir} has a log of ${known}`);
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1_000;
  let said = 0;
  const log = open();
  await generateLog(log, numbers, (written) => {
    if (written - said < sayEvery) return;
    said = written;
    console.log(`${written} events in ${seconds().toFixed(0)} s`);
  }).finally(log.close);
  await writeFile(note, wanted);
  console.log(`wrote ${numbers.count} events in ${seconds().toFixed(0)} s`);
}
