import type { Command } from "commander";
import { addReplayExport, type ReplayExportDeps } from "./export.ts";
import { addReplayExports, type ReplayExportsDeps } from "./exports.ts";
import { addReplayReport, type ReplayReportDeps } from "./report.ts";
import { addReplaySql, type ReplaySqlDeps } from "./sql.ts";

export type ReplayDeps = ReplayExportDeps & ReplayExportsDeps & ReplaySqlDeps & ReplayReportDeps;

/** Adds `heima replay`: what analysts do with the log of events. */
export function addReplay(heima: Command, deps: ReplayDeps): Command {
  const replay = heima.command("replay").description("the log of events, for analysts");
  addReplayExport(replay, deps);
  addReplayExports(replay, deps);
  addReplaySql(replay, deps);
  addReplayReport(replay, deps);
  return replay;
}
