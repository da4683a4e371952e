import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lockFolder } from "../folderLock.ts";
import { freePort, isFree } from "../freePort.ts";
import { makeFolder } from "../syncFolder.ts";
import { answers } from "./answers.ts";
import { type DemoImport, importDemo, untilServed } from "./demoLibrary.ts";
import { type EngineName, engineNames } from "./engineNames.ts";
import { planEngines } from "./engines.ts";
import { type Given, type GivenPart, givenParts } from "./given.ts";
import { writeGiven } from "./givenFile.ts";
import { type Kept, keepRunning, type Part } from "./keepRunning.ts";
import { openSupervisorLog } from "./log.ts";
import { type OurName, ourNames, planOurs } from "./ours.ts";
import { loadSecrets } from "./secrets.ts";
import { openStateFile, type StateFile } from "./stateFile.ts";

export type StackOptions = {
  /** Created if missing; contains the engines' data, the secrets, logs/ and supervisor.json. */
  readonly dataDir: string;
  /** The API's port; by default a free one. */
  readonly port?: number;
  readonly logLevel?: string;
  /** No rate limits, for load from one address. */
  readonly unlimited?: boolean;
  /** Settings of rate limits (`RATE_LIMIT_…`) that differ from production. */
  readonly limits?: Readonly<Record<string, string>>;
  /** Starts the engines only, none of our processes. */
  readonly onlyEngines?: boolean;
  /** Servers to use instead of the embedded ones; by default those that this process's environment names. */
  readonly given?: Given;
  /** Aborts a start that is under way: it rejects once all is stopped again. */
  readonly signal?: AbortSignal;
  /** Receives the progress of the start, one line at a time. */
  readonly progress?: (line: string) => void;
};

export type ProcessName = EngineName | OurName;
export type Processes = { readonly [Name in ProcessName]?: { readonly pid: number | null; readonly restarts: number } };

export type Stack = {
  readonly api: string;
  readonly wechat: string;
  /** The environment of our processes, with secrets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** Their current state. */
  processes(): Processes;
  /** The parts that others run: they are not in `processes`, and cannot be killed. */
  readonly foreign: readonly ProcessName[];
  /** Sends a signal to a part's process; false if it has none at the moment. It is restarted if it ends. */
  kill(name: ProcessName, signal: NodeJS.Signals): boolean;
  /** Stops all in order: clients before servers. */
  stop(): Promise<void>;
};

const stopOrder: readonly ProcessName[] = [
  ...(["api", "worker", "dispatcher"] as const),
  ...(["wechat", "elasticsearch", "eventstore", "redis", "postgres"] as const),
];

const displayNames: { readonly [Name in EngineName]: string } = {
  postgres: "Postgres",
  redis: "Redis",
  eventstore: "the event store",
  elasticsearch: "Elasticsearch",
  wechat: "WeChat",
};

/** A process that ends this often before its first answer will not come up. */
const hopelessRestarts = 5;

/**
 * Starts the embedded stack in one data folder, around given parts, and keeps it running: a process that dies is restarted, on the
 * same port with the same data. Resolves when the API serves the demo library. Rejects, with all stopped, when the folder is in
 * use, the port is taken, a part does not start or a given one does not answer.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir);
  const logs = join(dataDir, "logs");
  const given = options.given ?? givenParts(process.env);
  makeFolder(dataDir, 0o700);
  const release = lockFolder(
    dataDir,
    "supervisor.lock",
    "stop that supervisor, wait for that backup, or name another HEIMA_DATA_DIR",
  );
  const kept = new Map<ProcessName, Kept>();
  let stateFile: StateFile | undefined;

  const stop = async () => {
    for (const name of stopOrder) await kept.get(name)?.stop();
    await stateFile?.remove();
    release();
  };

  const statePath = join(dataDir, "supervisor.json");
  try {
    // Of a supervisor that was killed: it names processes and ports that no longer exist.
    await rm(statePath, { force: true });
    await mkdir(logs, { recursive: true, mode: 0o700 });
    const { postgresPassword, ...secrets } = await loadSecrets(dataDir);
    const engines = await planEngines(dataDir, { postgresPassword, ...secrets }, given);
    const port = options.port || (await freePort());
    if (!(await isFree(port))) throw new Error(`port ${port} is in use; set PORT to another`);
    const api = `http://127.0.0.1:${port}`;
    const wechat = engines.urls.wechat;
    const environment = {
      DATABASE_URL: engines.urls.postgres,
      REDIS_URL: engines.urls.redis,
      EVENTSTORE_URL: engines.urls.eventstore,
      ELASTICSEARCH_URL: engines.urls.elasticsearch,
      ELASTICSEARCH_PREFIX: process.env.ELASTICSEARCH_PREFIX || "heima",
      WECHAT_API_URL: wechat,
      ...secrets,
      ...given.wechat?.credentials,
      ALLOW_DEVELOPMENT_TOKENS: "true",
      REPLAY_DIR: join(dataDir, "replays"),
      HOST: "127.0.0.1",
      PORT: `${port}`,
      LOG_LEVEL: options.logLevel ?? "info",
      ...(options.unlimited ? { RATE_LIMIT_READER: "0", RATE_LIMIT_ADDRESS: "0", RATE_LIMIT_LOGIN: "0" } : {}),
      ...options.limits,
      // Everything shares one machine: more partitions mean smaller batches, and 1.5 times the work for the same events.
      PROJECTION_PARTITIONS: process.env.PROJECTION_PARTITIONS || "2",
    };

    const processes = (): Processes =>
      Object.fromEntries([...kept].map(([name, part]) => [name, { pid: part.pid(), restarts: part.restarts() }]));
    const log = openSupervisorLog(join(logs, "supervisor.log"));
    const givenNames = Object.keys(given);
    const state = () => ({ pid: process.pid, api, wechat, environment, given: givenNames, processes: processes() });
    const file = openStateFile(statePath, state, log);
    stateFile = file;
    const report = (message: string) => {
      log(message);
      void file.write();
    };
    const keep = async (name: ProcessName, start: () => Promise<Part>) => {
      kept.set(name, await keepRunning(name, start, report));
    };

    for (const [name, { address, command }] of Object.entries(given))
      options.progress?.(`${name} given: ${address}${command === undefined ? "" : ", started by its command"}`);
    const started = engineNames.filter((name) => engines.start[name] !== undefined);
    const foreign = engineNames.filter((name) => engines.start[name] === undefined);
    if (started.length > 0) options.progress?.(`starting ${started.map((name) => displayNames[name]).join(", ")}`);
    await settled([
      ...started.map((name) => keep(name, engines.start[name] as () => Promise<Part>)),
      ...foreign.map((name) => untilAnswers(name, given)),
    ]);
    options.signal?.throwIfAborted();
    // Before anything is written: a start that has failed by now has not made the data of the parts inconsistent.
    await writeGiven(dataDir, givenNames);

    if (!options.onlyEngines) {
      const ours = planOurs(logs, environment);
      const { failure } = await ours.heima("migrate");
      if (failure !== undefined) throw failure;
      options.signal?.throwIfAborted();
      options.progress?.("starting dispatcher, worker and API; importing the demo library");
      let demo: DemoImport = { books: [], failure: undefined };
      const importing = importDemo(ours.heima).then((imported) => {
        demo = imported;
      });
      await settled([...ourNames.map((name) => keep(name, ours.start[name])), importing]);
      await untilServed(api, demo, () => {
        options.signal?.throwIfAborted();
        const failing = ourNames.find((name) => (kept.get(name)?.restarts() ?? 0) >= hopelessRestarts);
        if (failing !== undefined) throw new Error(`the ${failing} does not stay up: see ${join(logs, failing)}.log`);
      });
      if (demo.failure !== undefined) options.progress?.(`the library stays as it is: ${demo.failure.message}`);
    }

    await file.write();
    return {
      api,
      wechat,
      environment,
      dataDir,
      processes,
      stop,
      foreign,
      kill: (name, signal) => kept.get(name)?.signal(signal) ?? false,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Like Promise.all, but rejects only after all have settled, so that what did start can be stopped. */
async function settled(promises: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

/** A given server may still be starting. */
const givenPatienceMs = 20_000;

async function untilAnswers(name: EngineName, given: Given): Promise<void> {
  const { url, address } = given[name] as GivenPart;
  const deadline = Date.now() + givenPatienceMs;
  while (!(await answers(name, url))) {
    if (Date.now() > deadline) throw new Error(`the given ${name} does not answer at ${address}`);
    await sleep(200);
  }
}
