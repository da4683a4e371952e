import type { Command } from "commander";
import { bigintAsText } from "../platform/bigintAsText.ts";
import { retireCommand } from "../projections/engine/builds/otherReleases.ts";
import { isWaiting, waitsText } from "../projections/engine/builds/waiting.ts";
import type { PartitionStatus, ReadModelStatus } from "../projections/engine/progress/status.ts";
import { asTable } from "./table.ts";

export type ProjectionsStatusDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly projectionsStatus: () => Promise<readonly ReadModelStatus[]>;
};

const help = `
One row per partition: its checkpoint and the head of the log (positions), the number of events still to be applied and how
long the first of them has been waiting (seconds), the batches waiting in its queue and those held by a worker, and the
state of its build, or why it is stopped. One row for the newest build if it failed, with the reason. A build that waits
because those before it had to be replaced begins with "heima projections rebuild".
"?": the event store, Redis or the store of the build did not answer in time; 5000+: at least that many. The last rows are
builds of other releases; one that no process feeds keeps its data and holds up scavenges: see "heima projections retire".

Examples:
  heima projections status
  heima projections status --json`;

/** Adds `heima projections status`. */
export function addProjectionsStatus(projections: Command, deps: ProjectionsStatusDependencies): void {
  projections
    .command("status")
    .description("print the progress of every partition of every read model")
    .option("--json", "print it as JSON (positions as strings)")
    .addHelpText("after", help)
    .action(async (options: { json?: true }) => {
      const status = await deps.projectionsStatus();
      deps.stdout.write(options.json ? asJson(status) : asTable(headings, status.flatMap(rowsOf), numbers));
    });
}

function asJson(status: readonly ReadModelStatus[]): string {
  return `${JSON.stringify({ readModels: status }, bigintAsText, 2)}\n`;
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

/** Columns with numbers are right-aligned. */
const numbers = new Set([2, 3, 4, 5, 6, 7, 8]);

function rowsOf(status: ReadModelStatus): string[][] {
  const { readModel, version, build, state, reason, fill, head, partitions, away, otherRelease } = status;
  const without = (text: string) => [[readModel, build ?? "none", ...Array.from(numbers, () => "-"), text]];
  if (build === null) return without(`version ${version} is not built yet: start a dispatcher and a worker`);
  if (otherRelease) return without(ofOtherRelease(status, build));
  if (state === "failed" || state === "retired") return without(`${state}: ${reason ?? "no reason is known"}`);
  if (fill !== null) return without(fillState(fill, reason));
  const goesOn = state === "live" ? "live" : "building: catching up";
  if (away)
    return [[readModel, build, ...Array.from(numbers, () => "?"), `${goesOn}, its store does not answer: ${reason}`]];
  return partitions.map((partition) => [
    readModel,
    build,
    `${partition.partition}`,
    at(partition.checkpoint),
    head === null ? "?" : at(head),
    ...figures(partition, goesOn),
  ]);
}

function ofOtherRelease({ state, fill, otherRelease }: ReadModelStatus, build: string): string {
  const doing = fill === null ? `${state}` : fillState(fill);
  if (otherRelease?.fed) return `${doing}, by another release`;
  return `${doing}, of another release, which does not feed it; if that is gone: ${retireCommand({ name: build })}`;
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

function fillState({ progress, paused, waits }: NonNullable<ReadModelStatus["fill"]>, reason?: string): string {
  if (waits && !paused && isWaiting({ waits }))
    return `building: ${waitsText(waits)}: ${reason ?? "no reason is known"}`;
  const doing = paused ? "building: paused" : "building";
  return progress === null
    ? doing
    : `${doing}, ${progress.events} events, at ${at(progress.position)} of ${progress.head}`;
}

/** -1 is before the first event. */
function at(position: bigint): string {
  return position < 0n ? "start" : `${position}`;
}
