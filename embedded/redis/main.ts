import { runEngineAlone } from "../runEngineAlone.ts";
import { startRedis } from "./start.ts";

// node bin/run.js embedded/redis/main.ts --port N --data-dir DIR
await runEngineAlone("redis", startRedis);
