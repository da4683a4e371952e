import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { Trial } from "../../projections/catalog/trials.ts";
import type { FillProgress } from "../../projections/engine/ports/buildCatalog.ts";
import type { ParkedKey } from "../../projections/engine/ports/readModelStore.ts";
import { startFillBar } from "../projections/fillBar.ts";
import { asTable, oneLine } from "../table.ts";

/** A trial that was filled to the end of the log, or as far as it came. */
export type Projected = {
  readonly schema: string;
  readonly isComplete: boolean;
  readonly position: bigint;
  readonly tables: readonly { readonly table: string; readonly rows: bigint }[];
  /** The first of the keys that are parked: their events are refused. */
  readonly parked: readonly ParkedKey[];
};

export type ReplayProjectDeps = {
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
MODEL.ts exports what defineReadModel made (docs/projections.md), of any name and version: it is built from the log by the code that
builds read models, and nothing else is touched or fed. The same command again goes on after an interruption, and takes in what was
appended since. Look at it with psql, or compare it: heima projections compare. A purge of erased readers drops all trials.

Examples:
  heima replay project src/projections/shelf/shelf.ts --into shelf_trial
  heima projections compare shelf shelf_trial
  heima replay trials --drop shelf_trial`;

/** Adds `heima replay project` and `heima replay trials`. */
export function addReplayProject(replay: Command, deps: ReplayProjectDeps): void {
  replay
    .command("project")
    .description("build a read model that is not deployed into a schema of its own")
    .argument("<model>", "the file that declares it")
    .requiredOption("--into <schema>", "the schema of Postgres, which is made", parseSchema)
    .option("--replace", "drop a trial of this name that another file made")
    .option("--json", "print what was built as JSON")
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
      if (!projected.isComplete) throw new Error("interrupted; the same command goes on");
    });
  replay
    .command("trials")
    .description("list the schemas that heima replay project made, or drop one")
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
    ...[schema, readModel, String(version), oneLine(madeBy), madeAt.toISOString()],
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

const bigintAsText = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);

/** What the system has, or a build of it may have one day, is refused. */
function parseSchema(value: string): string {
  if (!/^[a-z][a-z0-9_]{0,50}$/.test(value) || /^pg_|_v\d+(_b\d+)?$/.test(value) || reserved.has(value))
    throw new InvalidArgumentError("It must be of a-z, 0-9 and _, and no name of the system's own.");
  return value;
}
const reserved = new Set(["public", "projections", "information_schema"]);
