import { afterAll, beforeAll, expect, test } from "vitest";
import type { RecordedEvent } from "../../../src/event-store/types.ts";
import { applyPatiently } from "../../../src/projections/engine/apply/applyPatiently.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import { retryParked } from "../../../src/projections/engine/parked/retry.ts";
import type { ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { mulberry32 } from "../../support/random.ts";
import { added, batchOf, codec, logger, quick, recorded } from "../fixtures.ts";
import { freshIndexStore, type IndexStore, indexedTallyOf } from "./indexStore.ts";

/** TEST_SEED repeats the choices of a run. */
const seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000);
const runs = 4;
const partitions = 2;
const readers = ["lin", "wang", "zhao"];

const random = mulberry32(seed);
const below = (limit: number) => Math.floor(random() * limit);

let under: IndexStore;
beforeAll(async () => {
  under = await freshIndexStore();
});
afterAll(() => under.close());

const poison = "poison000000";
const readerOf = ({ stream }: RecordedEvent) => stream.slice(stream.indexOf("-") + 1);

function randomLog(): RecordedEvent[] {
  return Array.from({ length: 20 + below(15) }, (_, index) => {
    const position = BigInt(index * 3);
    const reader = readers[below(readers.length)] ?? "";
    // Each log has an early poison event.
    const chance = index === 2 ? 0.1 : random();
    if (chance < 0.03) return recorded(position, `account-${reader}`, { type: "ReaderErased", data: {} });
    const data = { bookId: chance < 0.15 ? poison : "hongloumeng0" };
    if (chance < 0.07) return recorded(position, `shelf-${reader}`, { type: "BookRemovedFromShelf", data });
    return added(position, reader, data.bookId);
  });
}

/** The result of the handlers for the events, one by one. */
function foldOf(log: readonly RecordedEvent[]): Record<string, number> {
  const tally: Record<string, number> = {};
  for (const event of log) {
    const reader = readerOf(event);
    if (event.type === "BookAddedToShelf") tally[reader] = (tally[reader] ?? 0) + 1;
    else delete tally[reader];
  }
  return tally;
}

test(`random batches, with crashes between any two requests, leave what the fold leaves (TEST_SEED=${seed})`, async () => {
  const seen = { crashes: 0, parked: 0, retried: 0 };
  for (let run = 0; run < runs; run++) await one(`property${run}`, seen);
  // A run without such cases proves nothing.
  expect(seen.crashes).toBeGreaterThan(5);
  expect(seen.parked).toBeGreaterThan(0);
  expect(seen.retried).toBeGreaterThan(0);
});

async function one(name: string, seen: { crashes: number; parked: number; retried: number }) {
  let isMended = false;
  const readModel = indexedTallyOf(name, ({ data }) => {
    if (!isMended && (data as { bookId?: string }).bookId === poison) throw new Error("poison");
  });
  const build = await under.add(readModel, partitions);
  const log = randomLog();
  const logOf = (partition: number) => log.filter((event) => partitionOf(readerOf(event), partitions) === partition);

  /** A process: with this probability it dies before or after a request, and sends no more. */
  const processThatDies = (chance: number) => {
    const stop = new AbortController();
    const perhaps = () => {
      if (!stop.signal.aborted && random() < chance) {
        seen.crashes++;
        stop.abort();
      }
      if (stop.signal.aborted) throw new Error("dead");
    };
    return { store: under.storeWith({ before: perhaps, after: perhaps }), stop: stop.signal };
  };
  const dependencies = (store: ReadModelStore) => ({
    store,
    catalog: under.catalog,
    codec,
    logger,
    timing: quick,
    publish: async () => {},
    eventStore: { readStream: async function* () {} } as unknown as Parameters<typeof retryParked>[0]["eventStore"],
  });
  /** A batch from the checkpoint on, or from before it, of any length. */
  const applyOne = async (build: Build, partition: number, chance: number) => {
    const { position } = (await under.store.checkpoints(build))[partition] ?? { position: -1n };
    const own = logOf(partition);
    const next = own.findIndex((event) => event.position > position);
    if (next < 0) return;
    const begin = Math.max(0, next - below(3));
    const events = own.slice(begin, next + 1 + below(5));
    const { store, stop } = processThatDies(chance);
    const batch = batchOf(build, partition, own[begin - 1]?.position ?? -1n, events);
    await applyPatiently(dependencies(store), build, batch, stop);
  };
  const retryOne = async (chance: number) => {
    const [key] = await under.store.parkedKeys(build);
    if (key === undefined) return;
    seen.parked++;
    const { store } = processThatDies(chance);
    await retryParked(dependencies(store), build, key.key).then(
      () => seen.retried++,
      () => undefined,
    );
  };

  for (let step = 0; step < 14; step++) {
    const busy = Array.from({ length: 1 + below(3) }, () => applyOne(build, below(partitions), 0.12));
    if (random() < 0.4) busy.push(retryOne(0.08));
    await Promise.all(busy);
    if (step === 8) isMended = random() < 0.5;
  }
  isMended = true;
  for (let partition = 0; partition < partitions; partition++) {
    const last = logOf(partition).at(-1)?.position ?? -1n;
    while (((await under.store.checkpoints(build))[partition]?.position ?? -1n) < last) {
      await applyOne(build, partition, 0);
    }
  }
  while ((await under.store.parkedKeys(build)).length > 0) await retryOne(0);

  expect(await under.tally(build)).toEqual(foldOf(log));
  await under.store.refresh(build);
  const { hits } = await under.client.search<{ reader: string; added: number }>({
    index: under.indexOf(build),
    query: { exists: { field: "reader" } },
    size: 100,
  });
  const documents = hits.hits.map(({ _source }) => [_source?.reader, _source?.added]);
  expect(Object.fromEntries(documents)).toEqual(foldOf(log));
}
