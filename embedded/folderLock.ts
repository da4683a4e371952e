import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { beginningOf } from "./processIdentity.ts";

/** Another process holds the folder. Any other failure to lock is a system error. */
export class FolderInUse extends Error {}

/**
 * Makes this process the only one that uses the folder; the returned function releases it, once. On Linux the kernel holds the
 * lock, until the process ends for whatever reason. A file with the owner's pid and start time serves the error message, and locks
 * where the kernel's lock does not reach: another network namespace, macOS, a process that may not create such sockets (decision
 * 0077).
 * @param file the name of that file in the folder. What is locked under another name is another lock.
 * @param advice the end of the message when the folder is in use
 * @throws FolderInUse when another one holds the folder; a system error when the file cannot be written.
 */
export function lockFolder(folder: string, file: string, advice: string): () => void {
  const path = join(folder, file);
  const inUse = (owner = livingOwner(path)) =>
    new FolderInUse(
      `${folder} is in use by ${owner === undefined ? "another process" : `process ${owner}`}: ${advice}`,
    );
  const freeName = takeName(folder, file);
  if (freeName === undefined) throw inUse();
  const mine = `${path}.${process.pid}`;
  try {
    writeFileSync(mine, `${process.pid} ${beginningOf(process.pid)}`);
    for (let attempt = 0; !linked(mine, path); attempt++) {
      const owner = livingOwner(path);
      if (owner !== undefined || attempt > 10) throw inUse(owner);
      rmSync(path, { force: true });
    }
  } catch (error) {
    freeName();
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    try {
      rmSync(path, { force: true });
    } finally {
      freeName();
    }
  };
}

/** A link appears complete or not at all, and never replaces another process's lock. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The pid in the file, if that same process is alive. Without /proc, earlier releases wrote a blank and no start time after the pid. */
function livingOwner(path: string): string | undefined {
  const [, pid, beginning] = /^(\d+) (.*)$/s.exec(read(path)) ?? [];
  const living = pid === undefined ? null : beginningOf(Number(pid));
  return living !== null && (beginning === living || beginning === "") ? pid : undefined;
}

/** Bytes of a full abstract name. Node 20 pads a shorter one with zeros, Node 22 does not: they would lock different names. */
const nameSize = 108;

/**
 * Takes the folder's name among the abstract names of sockets (unix(7)), each of which the kernel gives to one process. Undefined
 * when another process has it; where none is available (a sandbox without AF_UNIX) nothing is taken.
 */
function takeName(folder: string, file: string): (() => void) | undefined {
  if (process.platform !== "linux") return () => {};
  // It stays open so that its inode number is not reused, even when the folder is deleted.
  const fd = openSync(folder, "r");
  const { dev, ino } = fstatSync(fd, { bigint: true });
  const server = listenOn(`${file} ${dev}:${ino}`);
  if (server !== undefined)
    return () => {
      server.close();
      closeSync(fd);
    };
  closeSync(fd);
  const free = listenOn(randomUUID());
  free?.close();
  return free === undefined ? () => {} : undefined;
}

/** Undefined when the name is not available. */
function listenOn(name: string): Server | undefined {
  const server = createServer((socket) => socket.destroy());
  // `listening` is set synchronously, before the event.
  server.on("error", () => {});
  server.listen(`\0heima ${name}`.padEnd(nameSize, "."));
  server.unref();
  if (server.listening) return server;
  server.close();
  return undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
