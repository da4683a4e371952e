import type { Command } from "commander";
import { type AsOfDeps, addAsOf } from "./asOf.ts";
import { addDiff } from "./diff.ts";

export type ReplayDeps = AsOfDeps & {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
};

/** Adds `heima replay`: what analysts do with the log of events. */
export function addReplay(heima: Command, deps: ReplayDeps): Command {
  const replay = heima.command("replay").description("the log of events, for analysts");
  addAsOf(replay, deps);
  addDiff(replay, deps);
  return replay;
}
