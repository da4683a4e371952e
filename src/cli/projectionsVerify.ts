import { randomUUID } from "node:crypto";
import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { bigintAsText } from "../platform/bigintAsText.ts";
import type { ReadModel } from "../projections/engine/core/declaration.ts";
import type { Difference } from "../projections/engine/verify/differences.ts";
import type { Verification, VerifyProgress, VerifyScope } from "../projections/engine/verify/verifyBuild.ts";
import { parseReaderId } from "./account.ts";
import { parseBookId } from "./libraryBooks.ts";
import { startProgress } from "./progress.ts";

export type ProjectionsVerifyDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly readModels: readonly Pick<ReadModel, "name" | "partitionKey">[];
  readonly verifyReadModel: (
    name: string,
    scope: VerifyScope,
    onProgress: (progress: VerifyProgress) => void,
  ) => Promise<Verification & { readonly build: string }>;
};

type Options = {
  readonly reader?: string;
  readonly book?: string;
  readonly sample?: number;
  readonly seed?: string;
  readonly json?: true;
};

const help = `
Folds the log from its beginning in memory, independently of the workers, and compares the result row by row with the live
build as it was when the command started. Workers continue meanwhile. The exit code is 1 if there are differences, or if
there is nothing of the reader or book that was named. The read model is not changed; the result is stored for the metrics
of the API and for heima doctor. A difference stands until a run over all keys, or over the same reader or book, finds none.

Examples:
  heima projections verify shelf
  heima projections verify shelf --reader 01890a5d-ac96-774b-bcce-b302099a8057
  heima projections verify library --sample 500 --seed monday`;

/** Adds `heima projections verify`. */
export function addProjectionsVerify(projections: Command, deps: ProjectionsVerifyDependencies): void {
  const name = new Argument("<name>", "the read model").choices(deps.readModels.map((readModel) => readModel.name));
  projections
    .command("verify")
    .description("compare a read model with the log")
    .addArgument(name)
    .addOption(
      new Option("--reader <id>", "only the rows of this reader")
        .argParser(parseReaderId)
        .conflicts(["book", "sample"]),
    )
    .addOption(new Option("--book <id>", "only the rows of this book").argParser(parseBookId).conflicts("sample"))
    .option("--sample <number>", "only a random sample of this many readers or books", count)
    .option("--seed <text>", "the seed of the sample, to repeat an earlier run")
    .option("--json", "print it as JSON (positions and large numbers as strings)")
    .addHelpText("after", help)
    .action(async (readModel: string, options: Options, command: Command) => {
      const { partitionKey } = deps.readModels.find((known) => known.name === readModel) ?? {};
      for (const kind of ["reader", "book"] as const) {
        if (options[kind] !== undefined && kind !== partitionKey) {
          command.error(`error: the rows of ${readModel} belong to a ${partitionKey}, not to a ${kind}`, {
            exitCode: 2,
          });
        }
      }
      await run(deps, readModel, options);
    });
}

async function run(deps: ProjectionsVerifyDependencies, readModel: string, options: Options): Promise<void> {
  const seed = options.seed ?? randomUUID().slice(0, 8);
  const begun = performance.now();
  const progress = startProgress(`verifying ${readModel}`, deps.stderr);
  const verified = await deps
    .verifyReadModel(readModel, scopeOf(options, seed), ({ share }) =>
      progress.update(Math.round(share * 1_000), 1_000),
    )
    .finally(() => progress.stop());
  const seconds = Math.round(performance.now() - begun) / 1_000;
  const { found, ...counts } = verified;
  const used = options.sample === undefined ? {} : { seed };
  deps.stdout.write(
    options.json
      ? `${JSON.stringify({ readModel, ...used, ...counts, seconds, found }, bigintAsText, 2)}\n`
      : `${found.map(line).join("")}${summary(verified, seconds, used)}`,
  );
  if (counts.differences > 0) {
    throw new Error(`${counts.build} differs from the log; "heima projections rebuild ${readModel}" replaces it`);
  }
}

function scopeOf({ reader, book, sample }: Options, seed: string): VerifyScope {
  const key = reader ?? book;
  if (key !== undefined) return { kind: "keys", keys: [key] };
  return sample === undefined ? { kind: "all" } : { kind: "sample", size: sample, seed };
}

function summary(
  { build, keys, rows, events, passes, differences, found }: Verification & { readonly build: string },
  seconds: number,
  { seed }: { readonly seed?: string },
): string {
  const more = differences > found.length ? `; the first ${found.length} are listed` : "";
  const looked = `${keys} keys${seed === undefined ? "" : ` (seed ${seed})`}, ${rows} rows, ${events} events`;
  const effort = `${passes} ${passes === 1 ? "pass" : "passes"} in ${seconds.toFixed(1)} s`;
  return `${build}: ${looked}, ${effort}: ${differences === 0 ? "no" : differences} differences${more}\n`;
}

function line({ kind, table, key, columns, detail }: Difference): string {
  const where = [kind, ...(table === null ? [] : [table]), key.join("/")].join("  ");
  const differences = columns.map(
    ({ column, expected, found }) => `${column}: ${shown(expected)} by the log, ${shown(found)} here`,
  );
  return `${where}${[...differences, ...(detail === null ? [] : [detail])].map((text) => `\n    ${text}`).join("")}\n`;
}

const shown = (value: unknown) => JSON.stringify(value, bigintAsText);

function count(value: string): number {
  const parsed = Number(value);
  if (!(Number.isInteger(parsed) && parsed > 0 && parsed <= 100_000)) {
    throw new InvalidArgumentError("It must be a number from 1 to 100000.");
  }
  return parsed;
}
