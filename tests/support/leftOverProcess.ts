import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/**
 * Runs, in `folder`, a process of the name `program` that only records the signals it receives.
 * @param place where its script is written
 */
export async function leftOver(program: string, place: string, folder: string) {
  const script = join(place, program);
  const traps = ["INT", "TERM", "QUIT"].map((signal) => `trap 'echo ${signal}' ${signal}`);
  await writeFile(script, ["#!/bin/sh", ...traps, "echo there", "while :; do read _; done"].join("\n"));
  await chmod(script, 0o700);
  const child = spawn(script, { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  let heard = "";
  child.stdout.on("data", (text) => {
    heard += text;
  });
  return { pid: child.pid ?? 0, closed: once(child, "close").then(([, signal]) => ({ signal, heard })) };
}
