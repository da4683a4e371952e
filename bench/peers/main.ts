import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { planOurs } from "../../embedded/supervisor/ours.ts";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { catalogueBooks } from "../commands/catalogue.ts";
import { makeReaders } from "../commands/workload.ts";
import { countStored } from "./count.ts";
import { installEmmett } from "./install.ts";
import { allSystems, queryDatabase } from "./systems.ts";
import { asTable, turnLine } from "./table.ts";
import { type Contestant, takeTurn } from "./turn.ts";

const usage = `npm run bench:peers -- [--rounds 3] [--seconds 10] [--warm-up 5] [--systems A,B,C,C',D,E,E',F]

Durable commands (PUT and DELETE /v1/shelf/{bookId}) of this API and of alternatives, in rounds in which each takes a turn:
  A  ours: API, dispatcher and worker                B  Emmett: CommandHandler, EventStoreDB, Express
  C  hand-written: Express, official client, cache   C' the same with a projector to Postgres
  D  hand-written, the stream read for each command  E  CRUD in Postgres, BEGIN … COMMIT   E' in one statement
  F  Express with the token and the answer, nothing stored
All with the same load generator, event store (the embedded one, or EVENTSTORE_URL), Postgres and tokens. The CPU of all processes but the
generator's is counted, until the read models have caught up. Afterwards each reader's changes are counted in the store.

  --connections 32  --readers 2000  --books 1000
  --emmett 0.35.0-alpha.2  the release of Emmett that is installed into a temporary folder
  --keep                   keep the folder with logs and data`;

const option = (value: string) => ({ type: "string", default: value }) as const;
const { values } = parseArgs({
  options: {
    rounds: option("3"),
    seconds: option("10"),
    "warm-up": option("5"),
    systems: option("A,B,C,C',D,E,E',F"),
    connections: option("32"),
    readers: option("2000"),
    books: option("1000"),
    emmett: option("0.35.0-alpha.2"),
    keep: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const letters = values.systems.split(",");
const folder = await mkdtemp(join(tmpdir(), "heima-peers-"));
const packages = join(folder, "emmett");
const logs = join(folder, "logs");
await mkdir(logs);
const versions = letters.includes("B")
  ? `Emmett ${values.emmett} with Express ${installEmmett(packages, values.emmett).express}, `
  : "";
const stack = await startStack({ dataDir: folder, logLevel: "warn", unlimited: true, onlyEngines: true });
const contestants: Contestant[] = [];
let differing = 0;
try {
  const { environment } = stack;
  const store = stack.foreign.includes("eventstore") ? "given, its CPU not counted" : "embedded";
  console.log(`${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}, event store ${store}`);
  console.log(`${versions}Node ${process.version}; ${folder}`);
  for (const database of ["peer_projected", "peer_crud", "peer_crud_one"])
    await queryDatabase(environment.DATABASE_URL ?? "", `CREATE DATABASE ${database}`);
  await planOurs(logs, environment).heima("migrate");
  const books = await catalogueBooks(environment.EVENTSTORE_URL ?? "", Number(values.books));
  const secrets = environment.JWT_SECRETS ?? "";
  const secret = (secrets.split(",")[0] ?? "").replace(/^[^:]*:/, "");
  const claims = { issuer: "heima-literature", audience: "heima-literature-api" };
  for (const system of allSystems({ stack, books, secret, logs, packages })) {
    if (!letters.includes(system.letter)) continue;
    const api = await system.startApi();
    const told = { acknowledged: new Map<string, number>(), unsure: new Set<string>() };
    contestants.push({
      ...system,
      api,
      told,
      turns: [],
      readers: makeReaders(Number(values.readers), secrets, claims),
    });
  }

  const turn = { connections: Number(values.connections), forMs: Number(values.seconds) * 1_000 };
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const contestant of contestants) {
      const taken = await takeTurn(contestant, stack, books, { ...turn, warmUpMs: Number(values["warm-up"]) * 1_000 });
      contestant.turns.push(taken);
      console.log(turnLine(round, contestant, taken));
    }
  }
  const counted = await countStored(contestants, environment);
  differing = [...counted.values()].reduce((sum, found) => sum + found.differing, 0);
  console.log(`\n${asTable(contestants, counted)}`);
} finally {
  await Promise.all(contestants.map(({ api }) => api.child.stop("SIGTERM")));
  await stack.stop();
  if (!values.keep) await rm(folder, { recursive: true, force: true });
}
process.exit(differing === 0 ? 0 : 1);
