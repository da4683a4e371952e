import { type Command, InvalidArgumentError } from "commander";
import { bigintAsText } from "../../platform/bigintAsText.ts";
import type { BuildComparison, RowDifference } from "../../projections/engine/verify/buildComparison.ts";
import { asTable, oneLine } from "../table.ts";

export type CompareDependencies = {
  readonly stdout: NodeJS.WritableStream;
  /** Resolves two names to builds and compares them; at most `max` rows are listed. */
  readonly compareBuilds: (
    first: string,
    second: string,
    max: number,
  ) => Promise<BuildComparison & { readonly builds: { readonly first: string; readonly second: string } }>;
};

const help = `
A and B are builds (heima projections status), read models (their live builds), or schemas of heima replay project.
Their rows are compared by primary key: in one snapshot if both builds are in Postgres; if one is in Elasticsearch,
both must have this release's version, and each is read in a snapshot of its own. The exit code is 1 if they differ. A
live build advances while a trial stays where it was filled: run heima replay project again to bring it up to date.

Examples:
  heima projections compare shelf shelf_trial
  heima projections compare shelf_v4_b48213 shelf_v5_b90177 --limit 20 --json`;

/** Adds `heima projections compare`. */
export function addCompare(projections: Command, deps: CompareDependencies): void {
  projections
    .command("compare")
    .description("compare two builds row by row")
    .argument("<a>", "a build")
    .argument("<b>", "another build")
    .option("--limit <number>", "the maximum number of rows to list (default: 100)", count)
    .option("--json", "print it as JSON (positions and counts as strings)")
    .addHelpText("after", help)
    .action(async (a: string, b: string, { limit = 100, json }: { limit?: number; json?: true }) => {
      const compared = await deps.compareBuilds(a, b, limit);
      deps.stdout.write(json ? asJson(compared) : inWords(compared));
      if (compared.differences > 0n) throw new Error(`${a} and ${b} differ`);
    });
}

function asJson(compared: BuildComparison): string {
  return `${JSON.stringify(compared, bigintAsText, 2)}\n`;
}

function inWords({
  builds,
  positions,
  tables,
  shapes,
  found,
  differences,
}: Awaited<ReturnType<CompareDependencies["compareBuilds"]>>) {
  const headings = ["TABLE", builds.first, builds.second, "DIFFERENCES"];
  const rows = tables.map(({ table, first, second, differences }) => [
    table,
    `${first}`,
    `${second}`,
    `${differences}`,
  ]);
  const more = differences - BigInt(shapes.length) > found.length ? [`the first ${found.length} are listed\n`] : [];
  const positionsLine =
    positions.first === positions.second
      ? []
      : [`${builds.first} is at position ${positions.first}, ${builds.second} at ${positions.second}\n`];
  return [
    asTable(headings, rows, new Set([1, 2, 3])),
    ...positionsLine,
    ...shapes.map((shape) => `${shape}\n`),
    ...found.map(line),
    ...more,
  ].join("");
}

const where = { only_in_first: "only in the first", only_in_second: "only in the second", different: "different" };

function line({ kind, table, key, columns }: RowDifference): string {
  const differing = columns.map(({ column, first, second }) => `\n    ${column}: ${shown(first)} and ${shown(second)}`);
  return `${where[kind]}  ${table}  ${key.map(oneLine).join("/")}${differing.join("")}\n`;
}

const shown = (value: string | null) => (value === null ? "null" : oneLine(value));

function count(value: string): number {
  const parsed = Number(value);
  if (!(Number.isInteger(parsed) && parsed >= 0 && parsed <= 10_000))
    throw new InvalidArgumentError("It must be a number from 0 to 10000.");
  return parsed;
}
