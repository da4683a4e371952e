import { appendFileSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { freePort, isFree } from "../freePort.ts";
import { startNodeChild } from "../nodeChild.ts";
import { takeDataDir, writePrivately } from "./dataDir.ts";
import { untilListed } from "./demoLibrary.ts";
import { engineNames, planEngines } from "./engines.ts";
import { type Kept, keepRunning, type Part } from "./keepRunning.ts";
import { loadSecrets } from "./secrets.ts";

export type StackOptions = {
  /** Made when it is not there; the engines, the secrets, logs/ and supervisor.json live in it. */
  readonly dataDir: string;
  /** Of the API; by default a free one. */
  readonly port?: number;
  readonly logLevel?: string;
  /** Starts Postgres, Redis, event store and WeChat, and nothing of ours. */
  readonly onlyEngines?: boolean;
  /** Ends a start that is under way: it rejects when all is stopped again. */
  readonly signal?: AbortSignal;
  /** Hears what is being started, one line at a time. */
  readonly progress?: (line: string) => void;
};

const ourNames = ["dispatcher", "worker", "api"] as const;
export type ProcessName = (typeof engineNames)[number] | (typeof ourNames)[number];
export type Processes = { readonly [Name in ProcessName]?: { readonly pid: number | null; readonly restarts: number } };

export type Stack = {
  readonly api: string;
  readonly wechat: string;
  /** What our processes are configured by, secrets and all. */
  readonly environment: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** As they are now. */
  processes(): Processes;
  /** Sends a signal to a part's process; false when it has none just now. It is started again if it ends. */
  kill(name: ProcessName, signal: NodeJS.Signals): boolean;
  /** Stops all in good order: those who ask before those who answer. */
  stop(): Promise<void>;
};

const stopOrder: readonly ProcessName[] = ["api", "worker", "dispatcher", "wechat", "eventstore", "redis", "postgres"];

/** Before the first answer: a process that ends this often will not come up. */
const hopelessRestarts = 5;

/**
 * Starts the embedded stack in one data folder and keeps it running: what dies is started again, on the same port with the
 * same data. Resolves when the API lists the demo library. Rejects, with all stopped, when the folder is in use, the port is
 * taken or a part does not start.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir);
  const release = await takeDataDir(dataDir);
  const logs = join(dataDir, "logs");
  const kept = new Map<ProcessName, Kept>();
  const stop = async () => {
    for (const name of stopOrder) await kept.get(name)?.stop();
    await stateWritten;
    await rm(join(dataDir, "supervisor.json"), { force: true });
    await release();
  };
  let stateWritten: Promise<void> = Promise.resolve();

  try {
    await mkdir(logs, { recursive: true, mode: 0o700 });
    const { postgresPassword: _, ...secrets } = await loadSecrets(dataDir);
    const engines = await planEngines(dataDir, await loadSecrets(dataDir));
    const port = options.port || (await freePort());
    if (!(await isFree(port))) throw new Error(`port ${port} is in use; set PORT to another`);
    const api = `http://127.0.0.1:${port}`;
    const environment: Record<string, string> = {
      DATABASE_URL: engines.urls.postgres,
      REDIS_URL: engines.urls.redis,
      EVENTSTORE_URL: engines.urls.eventstore,
      WECHAT_API_URL: engines.urls.wechat,
      ...secrets,
      HOST: "127.0.0.1",
      PORT: `${port}`,
      LOG_LEVEL: options.logLevel ?? "info",
    };

    const processes = (): Processes =>
      Object.fromEntries([...kept].map(([name, part]) => [name, { pid: part.pid(), restarts: part.restarts() }]));
    const writeState = () => {
      stateWritten = stateWritten.then(() => {
        const state = { pid: process.pid, api, wechat: engines.urls.wechat, environment, processes: processes() };
        return writePrivately(join(dataDir, "supervisor.json"), JSON.stringify(state, null, 2));
      });
      return stateWritten;
    };
    const keep = async (name: ProcessName, start: () => Promise<Part>) => {
      const report = (message: string) => {
        appendFileSync(join(logs, "supervisor.log"), `${new Date().toISOString()} ${message}\n`);
        void writeState();
      };
      kept.set(name, await keepRunning(name, start, report));
      options.signal?.throwIfAborted();
    };
    const ours = (name: string, script: string, ...args: string[]) =>
      startNodeChild({
        script,
        arguments: args,
        environment: { ...process.env, ...environment },
        logFile: join(logs, `${name}.log`),
      });
    const run = async (name: string, ...args: string[]) => {
      const child = await ours(name, "src/main/cli.ts", ...args);
      const how = await child.exited;
      if (how !== "exit code 0")
        throw new Error(`heima ${args.join(" ")} failed (${how})${await endOfLog(logs, name)}`);
      options.signal?.throwIfAborted();
    };

    options.progress?.("starting Postgres, Redis, the event store and WeChat");
    await settled(engineNames.map((name) => keep(name, engines.start[name])));
    if (!options.onlyEngines) {
      await run("migrate", "migrate");
      options.progress?.("starting dispatcher, worker and API; importing the demo library");
      await settled([
        ...ourNames.map((name) =>
          keep(name, async () => {
            const child = await ours(name, `src/main/${name}.ts`);
            return { pid: child.pid, exited: child.exited, stop: () => child.stop("SIGTERM") };
          }),
        ),
        run("import", "library", "import", "--demo"),
      ]);
      await writeState();
      const hopeless = () => ourNames.find((name) => (kept.get(name)?.restarts() ?? 0) >= hopelessRestarts);
      await untilListed(api, () => {
        options.signal?.throwIfAborted();
        const name = hopeless();
        if (name !== undefined) throw new Error(`the ${name} does not stay up: see ${join(logs, name)}.log`);
      });
    }
    await writeState();
    return {
      api,
      wechat: engines.urls.wechat,
      environment,
      dataDir,
      processes,
      kill: (name, signal) => {
        const pid = kept.get(name)?.pid() ?? null;
        return pid !== null && process.kill(pid, signal);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Like Promise.all, but rejects only when none is under way any more, so that what did start can be stopped. */
async function settled(promises: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

async function endOfLog(logs: string, name: string): Promise<string> {
  const file = join(logs, `${name}.log`);
  const text = await readFile(file, "utf8").catch(() => "");
  return `; the end of ${file}:\n${text.trimEnd().split("\n").slice(-12).join("\n")}`;
}
