import type { Command } from "commander";
import type { PartitionStatus, ReadModelStatus } from "../projections/engine/status.ts";
import { asTable } from "./table.ts";

export type ProjectionsStatusDeps = {
  readonly stdout: NodeJS.WritableStream;
  readonly projectionsStatus: () => Promise<readonly ReadModelStatus[]>;
};

const help = `
A row a partition: its checkpoint and the head of the log (positions), the events that it has still to apply and for how many
seconds the first of them has been waiting, the batches that wait in its queue and those that a worker has taken, and the
state of its build, or why it does not advance. "?": no answer from the event store or Redis in time; 5000+: at least so many.

Examples:
  heima projections status
  heima projections status --json`;

/** Adds `heima projections status`. */
export function addProjectionsStatus(projections: Command, deps: ProjectionsStatusDeps): void {
  projections
    .command("status")
    .description("how far every partition of every read model is, and what waits for it")
    .option("--json", "print it as JSON (positions as strings)")
    .addHelpText("after", help)
    .action(async (options: { json?: true }) => {
      const status = await deps.projectionsStatus();
      deps.stdout.write(options.json ? asJson(status) : asTable(headings, status.flatMap(rowsOf), numbers));
    });
}

/** A position does not fit a Number. */
function asJson(status: readonly ReadModelStatus[]): string {
  const text = JSON.stringify(
    { readModels: status },
    (_, value) => (typeof value === "bigint" ? `${value}` : value),
    2,
  );
  return `${text}\n`;
}

const headings = [
  "READ MODEL",
  "BUILD",
  "PARTITION",
  "CHECKPOINT",
  "HEAD",
  "LAG",
  "SECONDS",
  "WAITING",
  "ACTIVE",
  "STATE",
];

/** Columns that hold numbers stand on the right. */
const numbers = new Set([2, 3, 4, 5, 6, 7, 8]);

function rowsOf(status: ReadModelStatus): string[][] {
  const { readModel, version, build, state, fill, head, partitions } = status;
  const without = (says: string) => [[readModel, build ?? "none", ...Array.from(numbers, () => "-"), says]];
  if (build === null) return without(`version ${version} is not built yet: start a dispatcher and a worker`);
  if (fill !== null) return without(fillState(fill));
  const goesOn = state === "live" ? "live" : "building: catching up";
  return partitions.map((partition) => [
    readModel,
    build,
    `${partition.partition}`,
    at(partition.checkpoint),
    head === null ? "?" : at(head),
    ...figures(partition, goesOn),
  ]);
}

function figures({ lag, waiting, active, parkedKeys, stopped }: PartitionStatus, goesOn: string): string[] {
  const count = (value: number | null) => (value === null ? "?" : `${value}`);
  return [
    lag === null ? "?" : `${lag.events}${lag.more ? "+" : ""}`,
    lag === null ? "?" : lag.seconds.toFixed(1),
    count(waiting),
    count(active),
    stopped === null
      ? `${goesOn}${parkedKeys === 0 ? "" : `, ${parkedKeys} parked`}`
      : `${stopped.kind} at ${stopped.position}: ${stopped.detail}`,
  ];
}

function fillState({ progress, paused }: NonNullable<ReadModelStatus["fill"]>): string {
  const doing = paused ? "building: paused" : "building";
  return progress === null
    ? doing
    : `${doing}, ${progress.events} events, at ${at(progress.position)} of ${progress.head}`;
}

/** Before the first event stands -1. */
function at(position: bigint): string {
  return position < 0n ? "start" : `${position}`;
}
