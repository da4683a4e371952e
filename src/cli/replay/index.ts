import type { Command } from "commander";
import { type AsOfDeps, addAsOf } from "./asOf.ts";
import { addDiff } from "./diff.ts";
import { addReplayNew } from "./new.ts";
import { addReplayProject, type ReplayProjectDeps } from "./project.ts";
import { addReplayRun, type ReplayRunDeps } from "./run.ts";

export type ReplayDeps = AsOfDeps &
  ReplayRunDeps &
  ReplayProjectDeps & {
    readonly stdout: NodeJS.WritableStream;
    readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  };

/** Adds `heima replay`: what analysts do with the log of events. */
export function addReplay(heima: Command, deps: ReplayDeps): Command {
  const replay = heima.command("replay").description("the log of events, for analysts");
  addReplayRun(replay, deps);
  addReplayNew(replay, deps);
  addReplayProject(replay, deps);
  addAsOf(replay, deps);
  addDiff(replay, deps);
  return replay;
}
