import type { Engine } from "../childProcess.ts";
import { startNodeChildUntil } from "../nodeChild.ts";

/**
 * Starts embedded/elasticsearch as a separate process and waits until it serves. It keeps its data in memory: each start is empty,
 * and the read models stored in it are rebuilt from the events.
 */
export async function startElasticsearchProcess(options: {
  readonly port: number;
  readonly logFile: string;
}): Promise<Engine> {
  const { child, said } = await startNodeChildUntil("elasticsearch ready ", {
    script: "embedded/elasticsearch/main.ts",
    arguments: ["--port", `${options.port}`],
    logFile: options.logFile,
  });
  return { url: said, pid: child.pid, exited: child.exited, stop: () => child.stop("SIGTERM") };
}
