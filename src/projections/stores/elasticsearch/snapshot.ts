import { setTimeout as sleep } from "node:timers/promises";
import { chunksOf } from "../../../platform/chunksOf.ts";
import type { Build } from "../../engine/core/build.ts";
import type { Row } from "../../engine/core/declaration.ts";
import type { BuildSnapshot, IndexedRow, ParkedKey } from "../../engine/ports/readModelStore.ts";
import { readCheckpoints as readParkedCounts } from "../postgres/checkpoints.ts";
import { countParked } from "../postgres/parkedKeys.ts";
import { type IndexPoint, partitionsOf, pointOf, withParked } from "./checkpoints.ts";
import { differencesOfDocument } from "./compareDocument.ts";
import type { Context } from "./context.ts";
import { type Moment, openMoment, type Source } from "./documents.ts";
import { fenced } from "./fence.ts";
import { declared, type EngineField, keywordOf } from "./layout.ts";
import { rowOf } from "./values.ts";

/** The pause between two attempts at partitions that were being written, in milliseconds, and the maximum number of attempts. */
const betweenAttemptsMs = 20;
const maxAttempts = 200;

/** Keys per search. */
const keysAtOnce = 1_000;

/** A point in time that shows some partitions between two batches. */
type Shown = { readonly moment: Moment; readonly partitions: readonly number[] };

/**
 * See `ReadModelStore.snapshot`. A point in time may lie between the documents of a batch and its checkpoint; each partition is
 * therefore read from one in which none of its documents is above its checkpoint. Nobody parks or retries meanwhile.
 */
export async function snapshot<Result>(
  context: Context,
  build: Build,
  work: (snapshot: BuildSnapshot) => Promise<Result>,
): Promise<Result> {
  const shown: Shown[] = [];
  try {
    const { checkpoints, parked } = await fenced(
      context.pool,
      build,
      partitionsOf(build),
      async ({ client, confirm }) => {
        const points = await show(context, build, shown, confirm);
        const counts = await readParkedCounts(client, build);
        const counted = points.map((point, partition) => withParked(build, partition, point, counts));
        return { checkpoints: counted, parked: (await countParked(client, build)) as readonly ParkedKey[] };
      },
    );
    return await work({
      checkpoints,
      parked,
      rows: (table, keys) => {
        if (table !== declared(build).name) throw new Error(`${build.name} has no table ${table}`);
        return readRows(build, shown, keys);
      },
      index: { rows: (keys) => readDocuments(build, shown, keys), strays: () => readStrays(build, shown) },
    });
  } finally {
    await Promise.all(shown.map(({ moment }) => moment.close().catch(() => undefined)));
  }
}

/** Opens points in time until every partition has one; resolves with their checkpoints. */
async function show(
  context: Context,
  build: Build,
  shown: Shown[],
  confirm: () => Promise<void>,
): Promise<readonly IndexPoint[]> {
  const points = new Map<number, IndexPoint>();
  for (let attempt = 0; points.size < build.partitions; attempt++) {
    if (attempt === maxAttempts) throw new Error(`${build.name} is written to all the time`);
    if (attempt > 0) await sleep(betweenAttemptsMs);
    await confirm();
    const moment = await openMoment(context, build);
    const found = await pointsIn(moment);
    const quiet = [...(await quietIn(moment, found))].filter((partition) => !points.has(partition));
    for (const partition of quiet) points.set(partition, found.get(partition) as IndexPoint);
    if (quiet.length > 0) shown.push({ moment, partitions: quiet });
    else await moment.close();
  }
  return partitionsOf(build).map((partition) => points.get(partition) as IndexPoint);
}

async function pointsIn(moment: Moment): Promise<ReadonlyMap<number, IndexPoint>> {
  const points = new Map<number, IndexPoint>();
  for await (const [, engine] of moment.scan([{ term: { "engine.kind": "checkpoint" } }])) {
    if (engine.kind === "checkpoint") points.set(engine.partition, pointOf(engine));
  }
  return points;
}

/** The partitions without a document above the checkpoint. */
async function quietIn(moment: Moment, points: ReadonlyMap<number, IndexPoint>): Promise<ReadonlySet<number>> {
  const quiet = new Set(points.keys());
  for (const [partition, { position }] of points) {
    const filter = [
      { terms: { "engine.kind": ["row", "gone"] } },
      { term: { "engine.partition": partition } },
      { range: { "engine.position": { gt: String(position) } } },
    ];
    const above = moment.scan(filter, ["engine.kind"]);
    for await (const _ of above) {
      quiet.delete(partition);
      break;
    }
  }
  return quiet;
}

async function* readRows(
  build: Build,
  shown: readonly Shown[],
  keys: readonly string[] | undefined,
): AsyncGenerator<Row> {
  const { table } = declared(build);
  for (const [moment, filter] of rowFilters(shown, keys)) {
    for await (const [, engine] of moment.scan(filter)) {
      if (engine.kind === "row") yield rowOf(table, engine.row);
    }
  }
}

async function* readDocuments(
  build: Build,
  shown: readonly Shown[],
  keys: readonly string[] | undefined,
): AsyncGenerator<IndexedRow> {
  const { table } = declared(build);
  for (const [moment, filter] of rowFilters(shown, keys)) {
    for await (const [id, source] of moment.scanWhole(filter)) {
      if (!isRow(source)) continue;
      const differencesFrom = (row: Row) => differencesOfDocument(build, id, source, row);
      yield { row: rowOf(table, source.engine.row), differencesFrom };
    }
  }
}

function* rowFilters(shown: readonly Shown[], keys: readonly string[] | undefined) {
  for (const { moment, partitions } of shown) {
    for (const some of keys === undefined ? [undefined] : chunksOf(keys, keysAtOnce)) {
      const filter = [
        { term: { "engine.kind": "row" } },
        { terms: { "engine.partition": [...partitions] } },
        ...(some === undefined ? [] : [{ terms: { "engine.key": some.map(keywordOf) } }]),
      ];
      yield [moment, filter] as const;
    }
  }
}

function isRow(source: Partial<Source>): source is { readonly engine: Extract<EngineField, { kind: "row" }> } {
  return source.engine?.kind === "row";
}

/** The engine's documents without searched fields are no strays; nobody writes others, so that any of the points in time shows them. */
async function* readStrays(build: Build, [any]: readonly Shown[]): AsyncGenerator<string> {
  if (any === undefined) return;
  const own = {
    bool: { filter: [{ term: { "engine.kind": "row" } }, { terms: { "engine.partition": [...partitionsOf(build)] } }] },
  };
  for await (const [id, { engine, ...searched }] of any.moment.scanWhole([{ bool: { must_not: [own] } }])) {
    const isOfEngine = engine?.kind === "gone" || engine?.kind === "checkpoint";
    if (!isOfEngine || Object.keys(searched).length > 0) yield id;
  }
}
