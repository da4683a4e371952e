import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { bigintAsText } from "../../platform/bigintAsText.ts";
import type { Trial } from "../../projections/catalog/trials.ts";
import type { FillProgress } from "../../projections/engine/ports/buildCatalog.ts";
import type { ParkedKey } from "../../projections/engine/ports/readModelStore.ts";
import { startFillBar } from "../projections/fillBar.ts";
import { asTable, oneLine } from "../table.ts";

/** A trial filled up to `position`: the end of the log unless interrupted. */
export type Projected = {
  readonly schema: string;
  readonly isComplete: boolean;
  readonly position: bigint;
  readonly tables: readonly { readonly table: string; readonly rows: bigint }[];
  /** The first parked keys, whose events are refused. */
  readonly parked: readonly ParkedKey[];
};

export type ReplayProjectDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  readonly projectTrial: (
    asked: { readonly file: string; readonly schema: string; readonly replace: boolean },
    options: { readonly onProgress: (progress: FillProgress) => void; readonly signal: AbortSignal },
  ) => Promise<Projected>;
  readonly listTrials: () => Promise<readonly Trial[]>;
  /** False if there is no such trial. */
  readonly dropTrial: (schema: string) => Promise<boolean>;
  readonly interruption: () => AbortSignal;
};

const help = `
MODEL.ts exports a read model from defineReadModel (docs/projections.md), with any name and version. It is built from the
log by the same code as deployed read models; nothing else is affected. Run the same command again to continue after an
interruption, and to add events appended since. Look at the tables with psql, or compare them: heima projections compare. A
purge of erased readers drops all trials.

Examples:
  heima replay project src/projections/shelf/shelf.ts --into shelf_trial
  heima projections compare shelf shelf_trial
  heima replay trials --drop shelf_trial`;

/** Adds `heima replay project` and `heima replay trials`. */
export function addReplayProject(replay: Command, deps: ReplayProjectDependencies): void {
  replay
    .command("project")
    .description("build a read model that is not deployed, in its own schema")
    .argument("<model>", "the file with its declaration")
    .requiredOption("--into <schema>", "the Postgres schema to create", parseSchema)
    .option("--replace", "replace a trial of this name created from another file")
    .option("--json", "print the result as JSON")
    .addHelpText("after", help)
    .action(async (file: string, { into, replace = false, json }: { into: string; replace?: boolean; json?: true }) => {
      const bar = startFillBar(into, deps.stderr);
      const projected = await deps
        .projectTrial(
          { file: resolve(file), schema: into, replace },
          { onProgress: bar.fill, signal: deps.interruption() },
        )
        .finally(() => bar.stop());
      deps.stdout.write(json ? `${JSON.stringify(projected, bigintAsText, 2)}\n` : inWords(projected));
      if (!projected.isComplete) throw new Error("interrupted; run the same command again to continue");
    });
  replay
    .command("trials")
    .description("list the schemas created by heima replay project, or drop one")
    .option("--drop <schema>", "drop this one", parseSchema)
    .option("--json", "print them as JSON")
    .action(async ({ drop, json }: { drop?: string; json?: true }) => {
      if (drop !== undefined) {
        if (!(await deps.dropTrial(drop))) throw new Error(`there is no trial ${drop}`);
        deps.stdout.write(`dropped ${drop}\n`);
        return;
      }
      const trials = await deps.listTrials();
      deps.stdout.write(
        json ? `${JSON.stringify(trials, null, 2)}\n` : asTable(headings, trials.map(rowOf), new Set()),
      );
    });
}

const headings = ["SCHEMA", "READ MODEL", "VERSION", "MADE BY", "MADE AT", "FILLED AT"];

function rowOf({ schema, readModel, version, madeBy, madeAt, filledAt }: Trial): readonly string[] {
  return [
    schema,
    readModel,
    String(version),
    oneLine(madeBy),
    madeAt.toISOString(),
    filledAt?.toISOString() ?? "not yet",
  ];
}

function inWords({ schema, position, tables, parked }: Projected): string {
  return [
    `${schema} is at position ${position}\n`,
    ...tables.map(({ table, rows }) => `  ${schema}.${table}  ${rows} rows\n`),
    ...parked.map(
      ({ key, type, position, events, error }) =>
        `parked: ${oneLine(key)}, ${events} events from ${type} at ${position} on: ${oneLine(error)}\n`,
    ),
  ].join("");
}

/** Schemas that the system has, or may create for a build, are refused. */
function parseSchema(value: string): string {
  if (!/^[a-z][a-z0-9_]{0,50}$/.test(value) || /^pg_|_v\d+(_b\d+)?$/.test(value) || reserved.has(value))
    throw new InvalidArgumentError("It must consist of a-z, 0-9 and _, and not be used by the system.");
  return value;
}
const reserved = new Set(["public", "projections", "information_schema"]);
