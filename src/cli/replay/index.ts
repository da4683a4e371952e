import type { Command } from "commander";
import { type AsOfDependencies, addAsOf } from "./asOf.ts";
import { addDiff } from "./diff.ts";
import { addReplayExport, type ReplayExportDependencies } from "./export.ts";
import { addReplayExports, type ReplayExportsDependencies } from "./exports.ts";
import { addReplayNew } from "./new.ts";
import { addReplayProject, type ReplayProjectDependencies } from "./project.ts";
import { addReplayReport, type ReplayReportDependencies } from "./report.ts";
import { addReplayRun, type ReplayRunDependencies } from "./run.ts";
import { addReplaySql, type ReplaySqlDependencies } from "./sql.ts";

export type ReplayDependencies = ReplayExportDependencies &
  ReplayExportsDependencies &
  ReplaySqlDependencies &
  ReplayReportDependencies &
  ReplayRunDependencies &
  ReplayProjectDependencies &
  AsOfDependencies;

/** Adds `heima replay`: the commands of analysts over the event log. */
export function addReplay(heima: Command, deps: ReplayDependencies): Command {
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
