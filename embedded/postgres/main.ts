import { join } from "node:path";
import { parseArgs } from "node:util";
import { required, runAlone } from "../runAlone.ts";
import { startPostgres } from "./start.ts";

// node bin/run.js embedded/postgres/main.ts --port N --data-dir DIR, with POSTGRES_PASSWORD in the environment
await runAlone("postgres", async () => {
  const { values } = parseArgs({ options: { port: { type: "string" }, "data-dir": { type: "string" } } });
  const { port, "data-dir": dataDir } = values;
  if (port === undefined || dataDir === undefined) throw new Error("usage: --port N --data-dir DIR");
  return startPostgres({
    dataDir: join(dataDir, "postgres"),
    port: Number(port),
    password: required("POSTGRES_PASSWORD"),
    logFile: join(dataDir, "postgres.log"),
  });
});
