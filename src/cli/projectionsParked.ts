import { Argument, type Command } from "commander";
import { readModels } from "../projections/registry.ts";
import { asTable, oneLine } from "./table.ts";

/** A parked key of a build, because of its first event; `events` counts that one and those that wait behind it. */
export type ParkedKey = {
  readonly readModel: string;
  readonly build: string;
  readonly partition: number;
  readonly key: string;
  readonly eventId: string;
  readonly type: string;
  readonly stream: string;
  readonly position: bigint;
  readonly events: number;
  readonly since: Date;
  readonly error: string;
};

export type ProjectionsParkedDeps = {
  readonly stdout: NodeJS.WritableStream;
  /** The parked keys of these read models. */
  readonly parkedKeys: (readModels: readonly string[]) => Promise<readonly ParkedKey[]>;
};

const help = `
An event that a handler or the database refuses is parked, and so are the later events of its key; all other keys go on. A
row a parked key: the event that is refused, where it stands, and how many events of the key wait, that one included.
Mend the handler and retry, or skip the event: docs/operations.md, "Parked events".

Examples:
  heima projections parked
  heima projections parked shelf --json`;

/** The name of a read model as an argument. */
export const readModelArgument = (usage: string) =>
  new Argument(usage, "the read model").choices(readModels.map(({ name }) => name));

/** Adds `heima projections parked`. */
export function addProjectionsParked(projections: Command, deps: ProjectionsParkedDeps): void {
  projections
    .command("parked")
    .description("the events that were set aside, by key, and why")
    .addArgument(readModelArgument("[name]"))
    .option("--json", "print it as JSON (positions as strings)")
    .addHelpText("after", help)
    .action(async (name: string | undefined, options: { json?: true }) => {
      const names = name === undefined ? readModels.map((readModel) => readModel.name) : [name];
      const parked = await deps.parkedKeys(names);
      if (options.json) deps.stdout.write(`${JSON.stringify({ parked: parked.map(inJson) }, null, 2)}\n`);
      else
        deps.stdout.write(parked.length === 0 ? "nothing is parked\n" : asTable(headings, parked.map(rowOf), numbers));
    });
}

/** A position does not fit a Number. */
const inJson = (parked: ParkedKey) => ({ ...parked, position: String(parked.position) });

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

function rowOf(parked: ParkedKey): readonly string[] {
  const { readModel, build, partition, key, eventId, type, stream, position, events, since, error } = parked;
  const shown = [partition, key, eventId, type, stream, position, events].map((value) => oneLine(String(value)));
  return [readModel, build, ...shown, since.toISOString(), error === "" ? "waits for a retry" : oneLine(error)];
}
