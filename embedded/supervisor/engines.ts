import { join } from "node:path";
import { freePort } from "../freePort.ts";
import { startNodeChildUntil } from "../nodeChild.ts";
import { startPostgres } from "../postgres/start.ts";
import { startRedis } from "../redis/start.ts";
import { startEventStoreProcess } from "./eventStore.ts";
import type { Part } from "./keepRunning.ts";
import type { Secrets } from "./secrets.ts";

export const engineNames = ["postgres", "redis", "eventstore", "wechat"] as const;
export type EngineName = (typeof engineNames)[number];

export type Engines = {
  /** How to start each, the first time and every time after, on its port and with its data. */
  readonly start: Readonly<Record<EngineName, () => Promise<Part>>>;
  readonly urls: Readonly<Record<EngineName, string>>;
};

/** Plans the four engines of a data folder: chooses their ports, starts nothing. */
export async function planEngines(dataDir: string, secrets: Secrets): Promise<Engines> {
  const ports = {
    postgres: await freePort(),
    redis: await freePort(),
    eventstore: await freePort(),
    wechat: await freePort(),
  };
  const at = (name: EngineName) => ({
    dataDir: join(dataDir, name),
    port: ports[name],
    logFile: join(dataDir, "logs", `${name}.log`),
  });
  return {
    start: {
      postgres: () => startPostgres({ ...at("postgres"), password: secrets.postgresPassword }),
      redis: () => startRedis(at("redis")),
      eventstore: () => startEventStoreProcess(at("eventstore")),
      wechat: () => startWechatProcess(at("wechat"), secrets),
    },
    urls: {
      postgres: `postgres://heima:${secrets.postgresPassword}@127.0.0.1:${ports.postgres}/heima`,
      redis: `redis://127.0.0.1:${ports.redis}`,
      eventstore: `esdb://127.0.0.1:${ports.eventstore}?tls=false`,
      wechat: `http://127.0.0.1:${ports.wechat}`,
    },
  };
}

async function startWechatProcess(at: { port: number; logFile: string }, secrets: Secrets): Promise<Part> {
  const { WECHAT_APPID, WECHAT_SECRET } = secrets;
  const { child } = await startNodeChildUntil("wechat ready ", {
    script: "embedded/wechat/main.ts",
    arguments: ["--port", `${at.port}`],
    environment: { ...process.env, WECHAT_APPID, WECHAT_SECRET },
    logFile: at.logFile,
  });
  return { pid: child.pid, exited: child.exited, stop: () => child.stop("SIGTERM") };
}
