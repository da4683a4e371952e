import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { appendSafely } from "../../src/commands/appendSafely.ts";
import { eventIdOf } from "../../src/commands/eventIds.ts";
import { createHandleCommand } from "../../src/commands/handleCommand.ts";
import { createSnapshotStore } from "../../src/commands/snapshots/snapshotStore.ts";
import { createSnapshots, type Snapshots } from "../../src/commands/snapshots/snapshots.ts";
import { type ShelfCommand, shelfDecider } from "../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";
import { manualOrder } from "../../src/domain/shelf/shelf.ts";
import { shelfStream } from "../../src/domain/shelf/stream.ts";
import { idOf } from "../../src/domain/streams.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { percentiles } from "../load/percentiles.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "10000" },
    books: { type: "string", default: "2000" },
    orders: { type: "string", default: "4000" },
    rounds: { type: "string", default: "5" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:cold -- [--events 10000] [--books 2000] [--orders 4000] [--rounds 5]

The first command on a stream that the process has not seen: read from its beginning, and from its snapshot; and the bytes of
orders of a shelf, one book dragged each, beside those of the whole order. In this process, on an event store and a Postgres of
its own; CPU is that of this process.`);
  process.exit(0);
}

const logger = createLogger("bench", "warn");
const codec = createCodec();
const bookCount = Number(values.books);
const id = (number: number) => String(number).padStart(12, "0");
const context = () => ({
  commandId: randomUUID(),
  commandHash: "f".repeat(64),
  correlationId: randomUUID(),
  occurredAt: new Date().toISOString(),
});

const orderCount = Number(values.orders);

/** A shelf's events: all books are put on it, then one is dragged to a random place, again and again; then pins are set. */
function shelfLog(count: number): readonly ShelfEvent[] {
  let shelf = shelfDecider.initialState;
  const events: ShelfEvent[] = [];
  const any = () => Math.floor(Math.random() * bookCount);
  const next = (): ShelfCommand => {
    const { length } = events;
    if (length < bookCount) return { type: "AddBookToShelf", bookId: id(length), capacity: bookCount };
    if (length >= bookCount + orderCount)
      return { type: length % 2 === 0 ? "PinBook" : "UnpinBook", bookId: id(any()) };
    const order = [...manualOrder(shelf)];
    order.splice(any(), 0, ...order.splice(any(), 1));
    return { type: "ReorderBooks", bookIds: order };
  };
  while (events.length < count) {
    const decision = shelfDecider.decide(next(), shelf);
    if ("refused" in decision) throw new Error(decision.detail);
    events.push(...decision);
    shelf = decision.reduce(shelfDecider.evolve, shelf);
  }
  return events;
}

const dataDir = await mkdtemp(join(tmpdir(), "heima-bench-"));
const stack = await startStack({ dataDir, logLevel: "warn", onlyEngines: true });
const eventStore = connectEventStore({ url: stack.environment.EVENTSTORE_URL ?? "", logger });
const url = stack.environment.DATABASE_URL ?? "";
await migrate(url, logger);
const pool = createPool({ url, max: 4, service: "bench", logger });
try {
  const events = shelfLog(Math.max(Number(values.events), bookCount + orderCount));
  const stream = `shelf-${randomUUID()}` as const;
  for (let first = 0; first < events.length; first += 200) {
    const batch = events.slice(first, first + 200).map((event) => {
      const metadata = { ...context(), causationId: "bench" };
      return codec.encode(event, eventIdOf(stream, metadata, 0, event.data), metadata);
    });
    await appendSafely(eventStore, stream, first === 0 ? "no_stream" : BigInt(first - 1), batch, [1_000, 1_000, 1_000]);
  }

  let groups = 0;
  const once = async (snapshots: Snapshots | undefined) => {
    const handleCommand = createHandleCommand({ eventStore, logger, snapshots });
    const [begun, cpu] = [performance.now(), process.cpuUsage()];
    await handleCommand(
      shelfStream,
      idOf(stream),
      { type: "NameGroup", group: `g${groups++}`, name: `组${groups}` },
      { ...context(), sent: {} },
    );
    const used = process.cpuUsage(cpu);
    const took = { ms: performance.now() - begun, cpu: (used.user + used.system) / 1_000 };
    await snapshots?.idle();
    return took;
  };
  const fromStore = () => createSnapshots({ store: createSnapshotStore(pool), logger });
  // Warms up the code, and leaves a snapshot.
  for (let warm = 0; warm < 3; warm++) for (const snapshots of [undefined, fromStore()]) await once(snapshots);
  const whole: Awaited<ReturnType<typeof once>>[] = [];
  const kept: typeof whole = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    whole.push(await once(undefined));
    kept.push(await once(fromStore()));
  }
  const median = (of: typeof whole, what: "ms" | "cpu") =>
    percentiles(
      of.map((one) => one[what]),
      50,
    )[0] ?? Number.NaN;
  const { rows } = await pool.query(
    "SELECT length(body) AS chars, pg_column_size(body) AS bytes FROM stream_snapshots",
  );
  console.log(`first command on ${events.length} events (median of ${values.rounds}; ms, CPU ms):`);
  console.log(`  from the beginning  ${median(whole, "ms").toFixed(1)}, ${median(whole, "cpu").toFixed(1)}`);
  console.log(`  from the snapshot   ${median(kept, "ms").toFixed(1)}, ${median(kept, "cpu").toFixed(1)}`);
  console.log(
    `  ratio               ${(median(whole, "ms") / median(kept, "ms")).toFixed(1)}, ${(median(whole, "cpu") / median(kept, "cpu")).toFixed(1)}`,
  );
  console.log(`  the snapshot: ${rows[0]?.chars} characters, ${rows[0]?.bytes} bytes on disk`);

  const orders = events.slice(bookCount, bookCount + orderCount);
  const bytes = orders.reduce((sum, { data }) => sum + JSON.stringify(data).length, 0);
  const fullBytes = JSON.stringify({ bookIds: Array.from({ length: bookCount }, (_, number) => id(number)) }).length;
  const cpu = process.cpuUsage();
  shelfDecider.fold?.(shelfDecider.initialState, events);
  const used = process.cpuUsage(cpu);
  console.log(`${orders.length} orders of ${bookCount} books, one dragged each:`);
  console.log(
    `  ${(bytes / orders.length).toFixed(0)} bytes an order, the whole list ${fullBytes}: ${((orders.length * fullBytes) / bytes).toFixed(0)} times less; all events folded in ${((used.user + used.system) / 1_000).toFixed(1)} ms of CPU`,
  );
} finally {
  await pool.end();
  await eventStore.close();
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}
