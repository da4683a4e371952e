import { writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Kept, keepRunning, type Part } from "../../../embedded/supervisor/keepRunning.ts";
import { type OurName, ourNames, planOurs } from "../../../embedded/supervisor/ours.ts";
import { type Stack, startStack } from "../../../embedded/supervisor/stack.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { createPool, type Pool } from "../../../src/platform/postgres.ts";
import { mountSmallDisk, type SmallDisk } from "./disk.ts";
import { type Link, openLink } from "./link.ts";

export const serverNames = ["postgres", "redis", "eventstore", "elasticsearch"] as const;
export type ServerName = (typeof serverNames)[number];
export type PartName = ServerName | OurName;

/** The stack of a run: engines, our processes each with its own clock, and a proxy between any two of them. */
export type World = {
  readonly dataDir: string;
  /** Where clients find the API and WeChat, through proxies. */
  readonly api: string;
  readonly wechat: string;
  /** The settings of our processes, but with the servers' own URLs: for outside observers. */
  readonly environment: Readonly<Record<string, string>>;
  readonly links: readonly Link[];
  readonly pool: Pool;
  /** The disk of the log, or the reason why it cannot be filled. */
  readonly disk: SmallDisk | string;
  /** The parts that the environment gives without a command to start them: they are neither killed nor stopped. */
  readonly foreign: readonly string[];
  pid(name: PartName): number | null;
  /** Kills with SIGKILL; false if it has no process at the moment. It is restarted. */
  kill(name: PartName): boolean;
  restarts(): Readonly<Record<string, number>>;
  /** Starts a second dispatcher or worker; it is not restarted. */
  startSecond(name: "dispatcher" | "worker"): Promise<Part>;
  /** Shifts the clock of one of our processes, and of its second instances. */
  setClock(name: OurName, offsetMs: number): void;
  /** Stops all; keeps or removes the log, which may be in memory. */
  stop(keep: boolean): Promise<void>;
};

const clockModule = new URL("./clock.mjs", import.meta.url).href;
const settings = {
  postgres: "DATABASE_URL",
  redis: "REDIS_URL",
  eventstore: "EVENTSTORE_URL",
  elasticsearch: "ELASTICSEARCH_URL",
} as const;
/** A part that takes twice as long to start as on a busy machine is broken. */
const startPatienceMs = 120_000;

/** Starts all of it in one data folder; resolves when the API is ready. */
export async function startWorld(dataDir: string): Promise<World> {
  const folder = resolve(dataDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const given = process.env.EVENTSTORE_URL !== undefined;
  const disk = given ? "the event store is not ours" : mountSmallDisk(join(folder, "eventstore"));
  let stack: Stack | undefined;
  const kept = new Map<OurName, Kept>();
  const seconds = new Set<Part>();
  const links: Link[] = [];
  let pool: Pool | undefined;

  const stop = async (keep: boolean) => {
    await Promise.all([...[...seconds].map((part) => part.stop()), ...[...kept.values()].map((part) => part.stop())]);
    await pool?.end();
    for (const link of links) await link.close();
    await stack?.stop();
    if (typeof disk !== "string") disk.unmount(keep);
  };

  try {
    const engines = await startStack({ dataDir: folder, logLevel: "warn", unlimited: true, onlyEngines: true });
    stack = engines;
    const { environment } = engines;
    const link = async (from: string, to: string, url: string) => {
      const opened = await openLink(`${from}→${to}`, url);
      links.push(opened);
      return opened.url;
    };
    const logs = join(folder, "logs");
    const clockFile = (name: OurName) => join(folder, `clock-${name}`);
    const proxied = async (name: OurName, as: string) => {
      const urls: Record<string, string> = {};
      for (const server of serverNames)
        urls[settings[server]] = await link(as, server, environment[settings[server]] ?? "");
      const preload = `${process.env.NODE_OPTIONS ?? ""} --import ${clockModule}`.trim();
      return {
        ...environment,
        ...urls,
        WECHAT_API_URL: await link(as, "wechat", engines.wechat),
        NODE_OPTIONS: preload,
        CHAOS_CLOCK_FILE: clockFile(name),
      };
    };

    await planOurs(logs, environment).heima("migrate");
    const report = (message: string) =>
      writeFileSync(join(logs, "chaos.log"), `${new Date().toISOString()} ${message}\n`, { flag: "a" });
    for (const name of ourNames) {
      const plan = planOurs(logs, await proxied(name, name));
      kept.set(name, await keepRunning(name, plan.start[name], report));
    }
    const secondPlans = {
      dispatcher: planOurs(join(logs, "second"), await proxied("dispatcher", "dispatcher 2")),
      worker: planOurs(join(logs, "second"), await proxied("worker", "worker 2")),
    };
    const api = await link("client", "api", engines.api);
    const wechat = await link("client", "wechat", engines.wechat);
    const url = environment.DATABASE_URL ?? "";
    pool = createPool({ url, max: 4, service: "chaos", logger: createLogger("chaos", "silent") });
    await untilReady(api);

    const isOurs = (name: PartName): name is OurName => ourNames.some((ours) => ours === name);
    return {
      dataDir: folder,
      api,
      wechat,
      environment,
      links,
      pool,
      disk,
      stop,
      foreign: (engines as { foreign?: readonly string[] }).foreign ?? [],
      pid: (name) => (isOurs(name) ? kept.get(name)?.pid() : engines.processes()[name]?.pid) ?? null,
      kill: (name) => {
        if (!isOurs(name)) return engines.kill(name, "SIGKILL");
        const pid = kept.get(name)?.pid() ?? null;
        return pid !== null && sendSignal(pid, "SIGKILL");
      },
      restarts: () => ({
        ...Object.fromEntries(Object.entries(engines.processes()).map(([name, part]) => [name, part?.restarts ?? 0])),
        ...Object.fromEntries([...kept].map(([name, part]) => [name, part.restarts()])),
      }),
      async startSecond(name) {
        const part = await secondPlans[name].start[name]();
        seconds.add(part);
        void part.exited.then(() => seconds.delete(part));
        return part;
      },
      setClock: (name, offsetMs) => writeFileSync(clockFile(name), String(offsetMs)),
    };
  } catch (error) {
    await stop(true);
    throw error;
  }
}

/** Sends a signal; false when the process is gone. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function untilReady(api: string): Promise<void> {
  const deadline = Date.now() + startPatienceMs;
  let last = "no answer";
  while (Date.now() < deadline) {
    const answer = await fetch(`${api}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    if (answer?.status === 200) return;
    if (answer !== undefined) last = `${answer.status} ${await answer.text()}`;
    await sleep(200);
  }
  throw new Error(`the API is not ready after ${startPatienceMs / 1_000} s: ${last}`);
}
