import type { Command } from "commander";
import { type AsOfDeps, addAsOf } from "./asOf.ts";
import { addDiff } from "./diff.ts";
import { addReplayExport, type ReplayExportDeps } from "./export.ts";
import { addReplayExports, type ReplayExportsDeps } from "./exports.ts";
import { addReplayNew } from "./new.ts";
import { addReplayProject, type ReplayProjectDeps } from "./project.ts";
import { addReplayReport, type ReplayReportDeps } from "./report.ts";
import { addReplayRun, type ReplayRunDeps } from "./run.ts";
import { addReplaySql, type ReplaySqlDeps } from "./sql.ts";

export type ReplayDeps = ReplayExportDeps &
  ReplayExportsDeps &
  ReplaySqlDeps &
  ReplayReportDeps &
  ReplayRunDeps &
  ReplayProjectDeps &
  AsOfDeps;

/** Adds `heima replay`: the commands of analysts over the event log. */
export function addReplay(heima: Command, deps: ReplayDeps): Command {
  const replay = heima.command("replay").description("query and copy the event log (for analysts)");
  addReplayExport(replay, deps);
  addReplayExports(replay, deps);
  addReplaySql(replay, deps);
  addReplayReport(replay, deps);
  addReplayRun(replay, deps);
  addReplayNew(replay, deps);
  addReplayProject(replay, deps);
  addAsOf(replay, deps);
  addDiff(replay, deps);
  return replay;
}
