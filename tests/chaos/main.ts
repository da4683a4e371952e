import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runChaos } from "./run.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "10" },
    readers: { type: "string", default: "200" },
    kills: { type: "string", default: "30" },
    "keep-data": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`script/chaos [--seed N] [--minutes M] [--readers N] [--kills N] [--keep-data]

Runs the whole embedded stack under readers who shelve, unshelve and arrange books at random, while its processes are killed with
SIGKILL, Redis is emptied twice and Postgres stands still for ten seconds; then compares every acknowledged command with
the log, and the tables with a fold of the log. Exit code 0: nothing was lost, doubled or reordered.

DATABASE_URL, REDIS_URL and EVENTSTORE_URL name servers to run on instead of the embedded ones; give them empty ones, the run writes
thousands of events and empties Redis. POSTGRES_START_COMMAND, REDIS_START_COMMAND and EVENTSTORE_START_COMMAND say how to start
them, in the foreground: "exec eventstored --insecure --db /var/tmp/esdb". Only then are they killed too; else these faults are left
out, and the run says so.`);
  process.exit(0);
}

const dataDir = await mkdtemp(join(tmpdir(), "heima-chaos-"));
const seed = Number(values.seed);
console.log(
  `seed ${seed}, ${values.minutes} minutes, ${values.readers} readers, ${values.kills} kills; data in ${dataDir}`,
);
const verdict = await runChaos({
  seed,
  lengthMs: Number(values.minutes) * 60_000,
  readers: Number(values.readers),
  kills: Number(values.kills),
  flushes: 2,
  freezeMs: 10_000,
  thinkMs: 500,
  dataDir,
  report: (line) => console.log(line),
});
const { differences, ...numbers } = verdict;
console.log(JSON.stringify(numbers));
for (const line of differences.slice(0, 50)) console.log(`DIFFERENCE ${line}`);
console.log(differences.length === 0 ? "nothing lost, doubled or reordered" : `${differences.length} differences`);
if (!values["keep-data"] && differences.length === 0) await rm(dataDir, { recursive: true, force: true });
process.exit(differences.length === 0 ? 0 : 1);
