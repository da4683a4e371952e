import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { freePort } from "../../embedded/freePort.ts";
import { startNodeChildUntil } from "../../embedded/nodeChild.ts";
import { startEventStoreProcess } from "../../embedded/supervisor/eventStore.ts";
import { percentiles } from "../load/percentiles.ts";
import { reportClientCost } from "./clientCost.ts";
import { measureFloor } from "./floor.ts";
import { type Line, measure } from "./lines.ts";

const { values, positionals: urls } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    events: { type: "string", default: "40000" },
    cost: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:eventstore -- [--runs 5] [--seconds 3] [--events 40000] [--cost] [URL…]

Measures the embedded event store, and every other that a URL (esdb://…) names, with the official client, beside a floor: bare
gRPC, the disk alone, and the same client with a server that has no store. Runs take turns; of each line the median is told.
With --cost: the CPU time that appends and reads take here, by src/event-store and by the official client.`);
  process.exit(0);
}
const runs = Number(values.runs);
const lengthMs = Number(values.seconds) * 1000;
const events = Number(values.events);

/** Of a real EventStoreDB 24.10.14 with the same client, on the development machine with two cores. */
const real: Record<string, number> = {
  "append of 1 by 1 writer": 1_750,
  "append of 1 by 32 writers": 10_200,
  "append of 100 by 4 writers, events": 60_000,
  "read of a stream, events": 69_000,
  "read of $all, events": 51_000,
  "filtered subscription to $all, events": 57_000,
  "append → live subscriber at 300/s, p50": 1.1,
};

const folder = await mkdtemp(join(tmpdir(), "heima-bench-eventstore-"));
const logFile = join(folder, "log");
const embedded = await startEventStoreProcess({ dataDir: join(folder, "data"), port: await freePort(), logFile });
if (values.cost) {
  await reportClientCost(urls[0] ?? embedded.url, runs);
  await embedded.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
}
const { child: sink, said: sinkUrl } = await startNodeChildUntil("sink ready ", {
  script: "bench/eventstore/sink.ts",
  logFile,
});

const measured = new Map<string, Line[][]>();
try {
  const targets = [
    ["floor", () => measureFloor(sinkUrl, folder, lengthMs / 3, events)] as const,
    ["embedded", () => measure(embedded.url, lengthMs, events)] as const,
    ...urls.map((url) => [url, () => measure(url, lengthMs, events)] as const),
  ];
  for (let run = 1; run <= runs; run++) {
    for (const [name, once] of targets) {
      const lines = await once();
      measured.set(name, [...(measured.get(name) ?? []), lines]);
      console.log(`run ${run}, ${name}: ${lines.map(({ value, unit }) => format(value, unit)).join(", ")}`);
    }
  }
  for (const [name, all] of measured) report(name, all);
  reportCeiling();
} finally {
  await sink.stop("SIGTERM");
  await embedded.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Prints each line of the embedded store as a share of the client's own ceiling. */
function reportCeiling(): void {
  const median = (target: string, line: string) =>
    percentiles(
      (measured.get(target) ?? []).map((lines) => lines.find(({ name }) => name === line)?.value ?? Number.NaN),
      50,
    )[0] ?? Number.NaN;
  console.log("\nembedded, of what the client reaches without a store");
  for (const { name } of measured.get("embedded")?.[0] ?? []) {
    const ratio = median("embedded", name) / median("floor", `no store: ${name}`);
    if (!Number.isNaN(ratio)) console.log(`  ${name.padEnd(44)} ${ratio.toFixed(2)}`);
  }
}

function report(name: string, all: readonly Line[][]): void {
  console.log(`\n${name}, medians of ${all.length} runs`);
  for (const [index, { name: line, unit }] of (all[0] ?? []).entries()) {
    const median = (pick: (line: Line) => number) =>
      percentiles(
        all.map((lines) => pick(lines[index] as Line)),
        50,
      )[0] ?? Number.NaN;
    const value = median((one) => one.value);
    const reference = real[line];
    const ratio =
      reference === undefined
        ? ""
        : ` — ${(unit === "ms" ? reference / value : value / reference).toFixed(2)} of EventStoreDB's`;
    const spread =
      all[0]?.[index]?.p99 === undefined
        ? ""
        : `, p50 ${median((one) => one.p50 ?? 0).toFixed(2)} ms, p99 ${median((one) => one.p99 ?? 0).toFixed(2)} ms`;
    console.log(`  ${line.padEnd(44)} ${format(value, unit).padStart(10)}${spread}${ratio}`);
  }
}

function format(value: number, unit: Line["unit"]): string {
  return unit === "ms" ? `${value.toFixed(2)} ms` : `${value.toFixed(0)}/s`;
}
