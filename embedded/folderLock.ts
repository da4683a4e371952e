import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { beginningOf } from "./processIdentity.ts";

/** Another process holds the folder. All else that keeps it from being locked is an error of the system. */
export class FolderInUse extends Error {}

/**
 * Makes this process the only one that uses the folder; the returned function gives it free, once. On Linux the kernel holds the
 * lock, until the process ends however it ends. A file with the pid and the beginning of the owner is for the message, and for
 * where the kernel's lock does not reach: another network namespace, macOS, a process that may have no such sockets (decision 0077).
 * @param file the name of that file in the folder. What is locked under another name is another lock.
 * @param advice the end of the message when the folder is in use
 * @throws FolderInUse when another one holds the folder; an error of the system when the file cannot be written.
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

/** A link appears whole or not at all, and never replaces another one's lock. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The pid in the file, if that very process lives; where there is no /proc earlier releases wrote a blank and no beginning behind the pid. */
function livingOwner(path: string): string | undefined {
  const [, pid, beginning] = /^(\d+) (.*)$/s.exec(read(path)) ?? [];
  const living = pid === undefined ? null : beginningOf(Number(pid));
  return living !== null && (beginning === living || beginning === "") ? pid : undefined;
}

/** Bytes of a whole abstract name. Node 20 fills a shorter one up with zeros, Node 22 does not: they would not meet. */
const nameSize = 108;

/**
 * Takes the folder's name among the abstract names of sockets (unix(7)), of which the kernel gives each to one process. Undefined when
 * another one has it; where none can be had (a sandbox without AF_UNIX) nothing is taken.
 */
function takeName(folder: string, file: string): (() => void) | undefined {
  if (process.platform !== "linux") return () => {};
  // It stays open: so nobody else's folder gets the number of this one, even when this one is deleted.
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

/** Undefined when the name cannot be had. */
function listenOn(name: string): Server | undefined {
  const server = createServer((socket) => socket.destroy());
  // `listening` tells it at once, the event later.
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
