import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type FaultKind, faultKinds } from "./plan.ts";
import { openResults } from "./series/results.ts";
import { runSeries } from "./series/runSeries.ts";
import { summarize } from "./series/summary.ts";

const usage = `script/chaos [--seed N] [--minutes M | --runs N --seconds S [--parallel P]] [--rate R] [--readers N] [--faults LIST]

Runs the whole embedded stack under readers who send --rate commands a second (100), whether or not they are answered, while its
parts are killed, stopped, cut off from each other and misled. Readers arrange the shelf, report progress, browse, choose, set bookmarks,
search, finish books and undo; one in six is erased in the middle of it. Then every acknowledged command is compared with the log, all
read models, in Postgres and Elasticsearch, with a fold of the log, and what a reader was shown with what it was; nothing may be left of the erased. Exit code 0:
in no run was anything lost, doubled or reordered, and no reader saw time run backwards.

  --minutes M          one run of M minutes (10)
  --runs N --seconds S N runs of S seconds (60), each in a process, on a stack and with a seed of its own; those that an earlier
                       invocation with the same options made are not made again
  --parallel P         so many of them at once (1); the next one starts while one is judged
  --first N            begin with run N of these (1)
  --anew               make also those that were made before
  --away S             in one run of ten a server is away for S seconds, and the run longer by as much (60)
  --readers N          who send the commands, each one after the other (200)
  --faults LIST        kinds of faults, joined by commas; all by default:
                       ${faultKinds.join(", ").replace(/(.{1,90}), /g, "$1,\n                       ")}
  --every              every kind in every minute, not half of them by the seed
  --keep-data          keep the data folder also of a run that found nothing
  --verbose            print each fault as it is done

Each run is one line here, and one of JSON with its seed and all counts in .data/chaos/, as soon as it has ended; the end sums up.
A run that found something keeps its data folder and says how to repeat it. "late" is no finding: a try that was given up came
after the answer to a later one, which had nothing to do (docs/api.md), and the log explains every part of that.

DATABASE_URL, REDIS_URL, EVENTSTORE_URL and ELASTICSEARCH_URL name servers to run on instead of the embedded ones; give them empty ones,
the run writes thousands of events and empties Redis and Elasticsearch. POSTGRES_START_COMMAND, REDIS_START_COMMAND,
EVENTSTORE_START_COMMAND and ELASTICSEARCH_START_COMMAND say how to start them, in the foreground: "exec eventstored --insecure --db /var/tmp/esdb". Only then are they killed too; else these faults are left
out, and the run says so.`;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    minutes: { type: "string" },
    runs: { type: "string" },
    seconds: { type: "string", default: "60" },
    parallel: { type: "string", default: "1" },
    anew: { type: "boolean", default: false },
    first: { type: "string", default: "1" },
    away: { type: "string", default: "60" },
    rate: { type: "string", default: "100" },
    readers: { type: "string", default: "200" },
    faults: { type: "string" },
    every: { type: "boolean", default: false },
    "keep-data": { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const kinds = (values.faults?.split(",") ?? faultKinds) as readonly FaultKind[];
const unknown = kinds.filter((kind) => !faultKinds.includes(kind));
if (unknown.length > 0) {
  console.error(`no such faults: ${unknown.join(", ")}`);
  process.exit(2);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const isSingle = values.runs === undefined;
const first = Number(values.first);
const options = {
  seed: Number(values.seed),
  lengthMs: isSingle ? Number(values.minutes ?? 10) * 60_000 : Number(values.seconds) * 1_000,
  rate: Number(values.rate),
  readers: Number(values.readers),
  every: values.every,
  awayMs: Number(values.away) * 1_000,
  kinds,
};
const folder = resolve(".data/chaos");
const results = openResults(folder, options);
const wanted = Array.from({ length: isSingle ? 1 : Number(values.runs) }, (_, index) => first + index);
const earlier = values.anew || isSingle ? [] : results.earlier.filter(({ run }) => wanted.includes(run));
const numbers = wanted.filter((number) => !earlier.some(({ run }) => run === number));
console.log(
  `seed ${options.seed}, ${wanted.length} runs of ${options.lengthMs / 1_000} s, ${options.rate} commands/s, ${values.parallel} at once; ` +
    `${earlier.length} were made before; results in ${results.file}`,
);

const parallel = Number(values.parallel);
const [keepData, verbose] = [values["keep-data"], values.verbose || numbers.length === 1];
const made = await runSeries({ options, numbers, parallel, folder, keepData, verbose, isSingle }, results);
const summary = summarize([...earlier, ...made].sort((a, b) => a.run - b.run));
console.log(JSON.stringify(summary, null, 2));
const { failed } = summary;
console.log(
  failed.length === 0
    ? "nothing lost, doubled or reordered"
    : `${failed.length} of ${summary.runs} runs found something`,
);
process.exit(failed.length === 0 ? 0 : 1);
