import type { Command } from "commander";

export type ReplayDeps = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
};

/** Adds `heima replay`: what analysts do with the log of events. */
export function addReplay(heima: Command, _deps: ReplayDeps): Command {
  return heima.command("replay").description("the log of events, for analysts");
}
