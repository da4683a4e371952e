import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Engine } from "./childProcess.ts";
import { runAlone } from "./runAlone.ts";

/** Runs one engine as a separate program, in a folder of its name below `--data-dir`. */
export function runEngineAlone(
  name: string,
  start: (options: { dataDir: string; port: number; logFile: string }) => Promise<Engine>,
): Promise<void> {
  return runAlone(name, async () => {
    const { values } = parseArgs({ options: { port: { type: "string" }, "data-dir": { type: "string" } } });
    if (values.port === undefined || values["data-dir"] === undefined)
      throw new Error("usage: --port N --data-dir DIR");
    const folder = resolve(values["data-dir"]);
    return start({
      dataDir: join(folder, name),
      port: Number(values.port),
      logFile: join(folder, `${name}.log`),
    });
  });
}
