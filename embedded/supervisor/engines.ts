import { join } from "node:path";
import { freePort } from "../freePort.ts";
import { startNodeChildUntil } from "../nodeChild.ts";
import { startPostgres } from "../postgres/start.ts";
import { startRedis } from "../redis/start.ts";
import { startByCommand } from "./command.ts";
import { startElasticsearchProcess } from "./elasticsearch.ts";
import { type EngineName, engineNames } from "./engineNames.ts";
import { startEventStoreProcess } from "./eventStore.ts";
import type { Given } from "./given.ts";
import type { Part } from "./keepRunning.ts";
import type { Secrets } from "./secrets.ts";

export type Engines = {
  /** Starts each server, at every start on its port and with its data. None for given servers. */
  readonly start: { readonly [Name in EngineName]?: () => Promise<Part> };
  readonly urls: Readonly<Record<EngineName, string>>;
};

/** Plans the engines of a data folder, except given ones: chooses their ports, starts nothing. */
export async function planEngines(dataDir: string, secrets: Secrets, given: Given): Promise<Engines> {
  const ports = {
    postgres: await freePort(),
    redis: await freePort(),
    eventstore: await freePort(),
    elasticsearch: await freePort(),
    wechat: await freePort(),
  };
  const at = (name: EngineName) => ({
    dataDir: join(dataDir, name),
    port: ports[name],
    logFile: join(dataDir, "logs", `${name}.log`),
  });
  const own: { readonly [Name in EngineName]: { start: () => Promise<Part>; url: string } } = {
    postgres: {
      start: () => startPostgres({ ...at("postgres"), password: secrets.postgresPassword }),
      url: `postgres://heima:${secrets.postgresPassword}@127.0.0.1:${ports.postgres}/heima`,
    },
    redis: { start: () => startRedis(at("redis")), url: `redis://127.0.0.1:${ports.redis}` },
    eventstore: {
      start: () => startEventStoreProcess(at("eventstore")),
      url: `esdb://127.0.0.1:${ports.eventstore}?tls=false`,
    },
    elasticsearch: {
      start: () => startElasticsearchProcess(at("elasticsearch")),
      url: `http://127.0.0.1:${ports.elasticsearch}`,
    },
    wechat: { start: () => startWechatProcess(at("wechat"), secrets), url: `http://127.0.0.1:${ports.wechat}` },
  };
  const planned = engineNames.map((name) => {
    const part = given[name];
    if (part === undefined) return [name, own[name]] as const;
    const start = part.command === undefined ? undefined : () => startByCommand(name, part, at(name).logFile);
    return [name, { start, url: part.url }] as const;
  });
  return {
    start: Object.fromEntries(planned.flatMap(([name, { start }]) => (start ? [[name, start]] : []))),
    urls: Object.fromEntries(planned.map(([name, { url }]) => [name, url])) as Engines["urls"],
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
