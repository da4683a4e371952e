import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { percentiles } from "../load/percentiles.ts";
import { costAtRate } from "./cost.ts";
import { bareSubscription, clientSubscription, copyOfRows } from "./floors.ts";
import { measureLag } from "./lag.ts";
import { fillLog } from "./log.ts";
import { live, rebuild, removeBuild } from "./rebuild.ts";
import { costAtRest } from "./rest.ts";
import { waitingCost } from "./waiting.ts";
import { openWorld, type World } from "./world.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "100000" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "20" },
    rates: { type: "string", default: "1,100,2000" },
    lag: { type: "string", default: "10,300" },
    only: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:projections -- [--events 100000] [--rounds 3] [--seconds 20] [--rates 1,100,2000] [--lag 10,300] [--only throughput|cost|rest|lag|waiting]

throughput: rebuild and live projection of three tables, as ratios to a bare subscription with the official client, to one with
our own reader and codec, and to COPY of the same rows, in the same run. cost: CPU of each part an event, at --rates events a second. rest: CPU of each part of a whole stack when nothing happens. lag: from the answer of a
command to the answer of a query that shows it, open loop, at --lag commands a second, and their CPU. waiting: what a signal costs a process in which 1, 100 and 1,000 queries wait. --events 1000000 shows that memory
stays flat.`);
  process.exit(0);
}
const only = values.only;
const seconds = Number(values.seconds);
const median = (numbers: readonly number[]) => percentiles(numbers, 50)[0] ?? Number.NaN;
const mebibytes = () => Math.round(process.memoryUsage().rss / 2 ** 20);

const dataDir = await mkdtemp(join(tmpdir(), "heima-bench-"));
try {
  if (only === undefined || only === "throughput") await inWorld("throughput", throughput);
  if (only === undefined || only === "cost") await inWorld("cost", cost);
  if (only === undefined || only === "rest") await rest();
  if (only === undefined || only === "waiting") await inWorld("waiting", waiting);
  if (only === undefined || only === "lag") {
    await measureLag(join(dataDir, "lag"), values.lag.split(",").map(Number), seconds * 1_000, (rate, lag) =>
      console.log(
        `lag at ${rate} commands/s: p50 ${lag.p50.toFixed(1)} ms, p99 ${lag.p99.toFixed(1)} ms ` +
          `(${lag.sent} sent, ${lag.shed} shed, ${lag.stale} stale, CPUs ${(lag.utilisation * 100).toFixed(0)} %); ` +
          `CPU of a command and its query, ms: ${withSum(lag.cpu, 2)}`,
      ),
    );
  }
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

async function inWorld(name: string, work: (world: World) => Promise<void>): Promise<void> {
  const world = await openWorld(join(dataDir, name));
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

async function throughput(world: World): Promise<void> {
  const events = Number(values.events);
  console.log(`writing ${events} events`);
  await fillLog(world.eventStoreUrl, events);
  const ratios = { rebuild: [], live: [], rebuildOfOwn: [], liveOfOwn: [] } as Record<string, number[]>;
  const ratio = (name: string) => median(ratios[name] ?? []).toFixed(2);
  for (let round = 1; round <= Number(values.rounds); round++) {
    const client = await clientSubscription(world.eventStoreUrl, events);
    const own = await bareSubscription(world.eventStore);
    const rebuilt = await rebuild(world, events);
    const memory = mebibytes();
    const empty = await world.newBuild();
    const copied = await copyOfRows(world, rebuilt.build, empty);
    await removeBuild(world, empty);
    await removeBuild(world, rebuilt.build);
    const projected = await live(world, events);
    ratios.rebuild?.push(rebuilt.rate / client.rate);
    ratios.live?.push(projected.rate / client.rate);
    ratios.rebuildOfOwn?.push(rebuilt.rate / own.rate);
    ratios.liveOfOwn?.push(projected.rate / own.rate);
    console.log(
      `round ${round}: bare subscription: official client ${client.rate.toFixed(0)} ev/s, own reader and codec ` +
        `${own.rate.toFixed(0)}; rebuild ${rebuilt.rate.toFixed(0)}, of its time COPY alone ` +
        `${(copied.ms / rebuilt.ms).toFixed(2)}, ${memory} MiB; live through BullMQ ${projected.rate.toFixed(0)}`,
    );
  }
  console.log(
    `median: rebuild ${ratio("rebuild")}, live ${ratio("live")} of a bare subscription with the official client; ` +
      `rebuild ${ratio("rebuildOfOwn")}, live ${ratio("liveOfOwn")} of one with our own reader and codec`,
  );
}

async function cost(world: World): Promise<void> {
  const build = await world.newBuild();
  await world.store.takeOver(build, undefined, async () => true);
  for (const rate of values.rates.split(",").map(Number)) {
    const { events, parts } = await costAtRate(world, build, rate, seconds * 1_000);
    const sum = Object.entries(parts)
      .filter(([name]) => name !== "event store")
      .reduce((total, [, ms]) => total + ms, 0);
    const named = Object.entries(parts).map(([name, ms]) => `${name} ${ms.toFixed(3)}`);
    console.log(
      `CPU at ${rate} events/s, ms an event: ${sum.toFixed(3)} but for the event store (${named.join(", ")}; ${events} events)`,
    );
  }
}

async function rest(): Promise<void> {
  const { cpu, transactionsPerSecond, redisCommandsPerSecond } = await costAtRest(
    join(dataDir, "rest"),
    seconds * 1_000,
  );
  console.log(
    `at rest, percent of one CPU: ${withSum(cpu, 1)}; ${transactionsPerSecond.toFixed(0)} transactions and ` +
      `${redisCommandsPerSecond.toFixed(0)} Redis commands a second`,
  );
}

/** `sum (name number, …)`. */
function withSum(parts: Readonly<Record<string, number>>, digits: number): string {
  const sum = Object.values(parts).reduce((total, part) => total + part, 0);
  const named = Object.entries(parts).map(([name, part]) => `${name} ${part.toFixed(digits)}`);
  return `${sum.toFixed(digits)} (${named.join(", ")})`;
}

async function waiting(world: World): Promise<void> {
  console.log("| waiting queries | signals | statements without signals | with them | a signal | CPU a signal, µs |");
  console.log("|---|---|---|---|---|---|");
  for (const queries of [1, 100, 1_000]) {
    const cost = await waitingCost(world, queries, seconds * 250);
    const perSignal = Math.max(0, cost.statementsWith - cost.statementsWithout) / cost.signals;
    console.log(
      `| ${queries.toLocaleString("en")} | ${cost.signals} | ${cost.statementsWithout} | ${cost.statementsWith} ` +
        `| ${perSignal.toFixed(3)} | ${cost.cpuPerSignal.toFixed(0)} |`,
    );
  }
}
