import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { shellWord } from "../shellWord.ts";
import { freshDataFolder } from "./freshDataFolder.ts";
import { startStack } from "./stack.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));

// The reader of our output may have exited (`script/server | head`); that must not end the stack.
process.stdout.on("error", () => {});

const aborted = new AbortController();
let stopRequests = 0;
let stopping: (() => void) | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    stopRequests++;
    // Linux kills the children with this process; elsewhere they see the IPC channel close.
    if (stopRequests > 1) process.kill(process.pid, "SIGKILL");
    aborted.abort(new Error(`stopped by ${signal}`));
    stopping?.();
  });
}

try {
  const port = readPort(process.env.PORT?.trim());
  const dataDir = resolve(process.env.HEIMA_DATA_DIR || freshDataFolder(`${project}.data`));
  console.log(`data ${dataDir}`);
  console.log(`logs ${dataDir}/logs`);
  const stack = await startStack({
    dataDir,
    ...(port !== undefined && { port }),
    ...(process.env.LOG_LEVEL && { logLevel: process.env.LOG_LEVEL }),
    signal: aborted.signal,
    progress: (line) => console.log(line),
  });
  const asked = new Promise<void>((resolve) => {
    stopping = resolve;
  });
  // WeChat itself has no such page.
  if (!stack.foreign.includes("wechat")) console.log(`wechat ${stack.wechat}/wx.login?user=NAME`);
  console.log(`ready ${stack.api}`);
  if (!aborted.signal.aborted) await asked;
  console.log("stopping");
  await stack.stop();
  console.log(`stopped; go on with this data: HEIMA_DATA_DIR=${shellWord(stack.dataDir)} script/server`);
  process.exit(0);
} catch (error) {
  if (aborted.signal.aborted && error === aborted.signal.reason) process.exit(0);
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** As the API reads it: decimal digits. */
function readPort(value: string | undefined): number | undefined {
  if (!value) return undefined;
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port > 65_535) throw new Error(`PORT is not a port number: ${value}`);
  return port;
}
