import { Argument, type Command, InvalidArgumentError } from "commander";
import type { ParkedInBuild } from "../projections/engine/parked/parkedEvents.ts";
import { readModels } from "../projections/registry.ts";
import { asTable, oneLine } from "./table.ts";

export type ProjectionsParkedDependencies = {
  readonly stdout: NodeJS.WritableStream;
  /** The parked keys of these read models. */
  readonly parkedKeys: (readModels: readonly string[]) => AsyncIterable<ParkedInBuild>;
};

const help = `
An event that a handler or the database refuses is parked, together with the later events of its key; all other keys
continue. One row per parked key: the refused event, its position, and the number of parked events of the key, including
that one. Fix the handler and retry, or skip the event: docs/troubleshooting.md, "Parked events".

Examples:
  heima projections parked
  heima projections parked shelf --json
  heima projections parked --limit 1000`;

/** An argument for the name of a read model. */
export const readModelArgument = (usage: string) =>
  new Argument(usage, "the read model").choices(readModels.map(({ name }) => name));

/** Adds `heima projections parked`. */
export function addProjectionsParked(projections: Command, deps: ProjectionsParkedDependencies): void {
  projections
    .command("parked")
    .description("list parked events by key, with the reason")
    .addArgument(readModelArgument("[name]"))
    .option("--limit <number>", "the maximum number of keys to print", limit, 100)
    .option("--json", "print it as JSON (positions as strings)")
    .addHelpText("after", help)
    .action(async (name: string | undefined, options: { json?: true; limit: number }) => {
      const names = name === undefined ? readModels.map((readModel) => readModel.name) : [name];
      const parked: ParkedInBuild[] = [];
      let more = false;
      for await (const key of deps.parkedKeys(names)) {
        more = parked.length === options.limit;
        if (more) break;
        parked.push(key);
      }
      if (options.json) deps.stdout.write(`${JSON.stringify({ parked: parked.map(inJson), more }, null, 2)}\n`);
      else
        deps.stdout.write(parked.length === 0 ? "nothing is parked\n" : asTable(headings, parked.map(rowOf), numbers));
      if (more && !options.json) deps.stdout.write(`more keys are parked; --limit prints more than ${options.limit}\n`);
    });
}

/** Positions do not fit a Number. */
const inJson = (parked: ParkedInBuild) => ({ ...parked, position: String(parked.position) });

const headings = [
  "READ MODEL",
  "BUILD",
  "PARTITION",
  "KEY",
  "EVENT",
  "TYPE",
  "STREAM",
  "POSITION",
  "WAIT",
  "SINCE",
  "ERROR",
];
const numbers = new Set([2, 7, 8]);

function rowOf(parked: ParkedInBuild): readonly string[] {
  const { readModel, build, partition, key, eventId, type, stream, position, events, since, error } = parked;
  const shown = [partition, key, eventId, type, stream, position, events].map((value) => oneLine(String(value)));
  return [readModel, build, ...shown, since.toISOString(), error === "" ? "waits for a retry" : oneLine(error)];
}

function limit(value: string): number {
  const parsed = Number(value);
  if (!(Number.isInteger(parsed) && parsed >= 1 && parsed <= 10_000))
    throw new InvalidArgumentError("It must be a whole number from 1 to 10000.");
  return parsed;
}
