import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startNodeChild } from "../nodeChild.ts";
import type { Part } from "./keepRunning.ts";

export const ourNames = ["dispatcher", "worker", "api"] as const;
export type OurName = (typeof ourNames)[number];

export type Ours = {
  /** Starts each process of src/main without waiting for it. */
  readonly start: Readonly<Record<OurName, () => Promise<Part>>>;
  /** Runs one `heima` command to its end: returns its output; throws an error with the end of its log if it failed. */
  heima(...args: string[]): Promise<{ readonly printed: string; readonly failure: Error | undefined }>;
};

/** Plans our own processes, which find the engines only by their environment, as in any deployment. */
export function planOurs(logs: string, environment: Readonly<Record<string, string>>): Ours {
  const run = (script: string, logFile: string, args: readonly string[]) =>
    startNodeChild({ script, arguments: args, environment: { ...process.env, ...environment }, logFile });
  const start = (name: OurName) => async (): Promise<Part> => {
    const child = await run(`src/main/${name}.ts`, join(logs, `${name}.log`), []);
    return { pid: child.pid, exited: child.exited, stop: () => child.stop("SIGTERM") };
  };
  return {
    start: { dispatcher: start("dispatcher"), worker: start("worker"), api: start("api") },
    heima: async (...args) => {
      const logFile = join(logs, "heima.log");
      const log = () => readFile(logFile, "utf8").catch(() => "");
      const before = (await log()).length;
      const how = await (await run("src/main/cli.ts", logFile, args)).exited;
      const printed = (await log()).slice(before);
      if (how === "exit code 0") return { printed, failure: undefined };
      const end = printed.trimEnd().split("\n").slice(-12).join("\n");
      return { printed, failure: new Error(`heima ${args.join(" ")} failed (${how}); the end of ${logFile}:\n${end}`) };
    },
  };
}
