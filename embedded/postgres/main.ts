import { required } from "../runAlone.ts";
import { runEngineAlone } from "../runEngineAlone.ts";
import { startPostgres } from "./start.ts";

// node bin/run.js embedded/postgres/main.ts --port N --data-dir DIR, with POSTGRES_PASSWORD in the environment
await runEngineAlone("postgres", ({ dataDir, port, logFile }) =>
  startPostgres({ dataDir, port, logFile, password: required("POSTGRES_PASSWORD") }),
);
