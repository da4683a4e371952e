import type { Engine } from "../childProcess.ts";
import { startNodeChildUntil } from "../nodeChild.ts";

/** Starts embedded/eventstore as a separate process and waits until it serves. */
export async function startEventStoreProcess(options: {
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
}): Promise<Engine> {
  const { child, said } = await startNodeChildUntil("eventstore ready ", {
    script: "embedded/eventstore/main.ts",
    arguments: ["--port", `${options.port}`, "--data-dir", options.dataDir],
    logFile: options.logFile,
  });
  return { url: said, pid: child.pid, exited: child.exited, stop: () => child.stop("SIGTERM") };
}
