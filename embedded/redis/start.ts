import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { delimiter, join, resolve } from "node:path";
import { type Engine, startChild, whenReady } from "../childProcess.ts";
import { endLeftOver } from "../leftOver.ts";
import { startLocked } from "../startLocked.ts";

export type RedisOptions = { readonly dataDir: string; readonly port: number; readonly logFile: string };

const program = "redis-server";

/** Loading the append-only file takes about a second per 100 MB. */
const startPatienceMs = 60_000;

/**
 * Starts the machine's own redis-server on 127.0.0.1 with an append-only file, synced every second: what Redis loses in that second
 * costs time, never data (the event log is the source of truth). noeviction, because BullMQ's keys must not disappear. Resolves
 * when it has loaded its data and answers. Rejects when another live process runs it in the folder.
 */
export function startRedis(options: RedisOptions): Promise<Engine> {
  const dataDir = resolve(options.dataDir);
  return startLocked(dataDir, () => start({ ...options, dataDir }));
}

async function start(options: RedisOptions): Promise<Engine> {
  const { dataDir } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await endLeftOver(dataDir, program, "SIGTERM");
  const settings = {
    bind: "127.0.0.1",
    port: `${options.port}`,
    "protected-mode": "yes",
    dir: dataDir,
    appendonly: "yes",
    appendfsync: "everysec",
    save: "",
    "maxmemory-policy": "noeviction",
  };
  const child = await startChild({
    command: findServer(),
    arguments: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    logFile: options.logFile,
    deathSignal: "KILL",
  });
  await whenReady(program, child, options.logFile, startPatienceMs, () => answers(options.port, child.pid));
  const url = `redis://127.0.0.1:${options.port}`;
  return { url, pid: child.pid, exited: child.exited, stop: () => child.stop("SIGTERM") };
}

function findServer(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const server = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (server === undefined) throw new Error(`${program} is not on the PATH; script/bootstrap installs it`);
  return server;
}

/** True when this process, and no earlier owner of the port, answers there and has loaded its file. */
const answers = (port: number, pid: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("INFO\r\n"));
    let reply = "";
    const done = () => {
      socket.destroy();
      resolve(reply.includes(`process_id:${pid}\r\n`) && reply.includes("\nloading:0\r\n"));
    };
    socket.setTimeout(1_000, done);
    socket.once("error", done);
    socket.on("data", (data) => {
      reply += data;
      // Keyspace is the last section.
      if (reply.includes("# Keyspace")) done();
    });
  });
