import { join } from "node:path";
import { parseArgs } from "node:util";
import { runAlone } from "../runAlone.ts";
import { startRedis } from "./start.ts";

// node bin/run.js embedded/redis/main.ts --port N --data-dir DIR
await runAlone("redis", async () => {
  const { values } = parseArgs({ options: { port: { type: "string" }, "data-dir": { type: "string" } } });
  const { port, "data-dir": dataDir } = values;
  if (port === undefined || dataDir === undefined) throw new Error("usage: --port N --data-dir DIR");
  return startRedis({ dataDir: join(dataDir, "redis"), port: Number(port), logFile: join(dataDir, "redis.log") });
});
