import { chunksOf } from "../../../platform/chunksOf.ts";
import { createEventLoopYield } from "../../../platform/eventLoopYield.ts";
import type { Build } from "../../engine/core/build.ts";
import { partitionColumn, type RowNumbers } from "../../engine/core/declaration.ts";
import { type Write, writeAll } from "./bulk.ts";
import type { Context } from "./context.ts";
import { atMoment, getDocuments } from "./documents.ts";
import { declared, type EngineField, keywordOf, rowDocument } from "./layout.ts";
import { rowOf } from "./values.ts";

type Numbers = Readonly<Record<string, number>>;
type StoredRowField = Extract<EngineField, { kind: "row" }>;

/** Documents, or keys, at once. */
const atOnce = 1_000;

/** The number of runs after which all documents are compared: another process that died may have refreshed some. */
const allEvery = 20;

/**
 * Updates the numbers in a build's documents: rewrites whole documents under their current version (`external_gte`), so that
 * concurrent writes of events win. The first run compares all documents, later ones those whose numbers changed since. Resolves
 * with the number of documents written.
 */
export function createNumbersRefresher(context: Context): (build: Build) => Promise<number> {
  const before = new Map<string, { readonly numbers: ReadonlyMap<string, Numbers>; readonly times: number }>();
  return async (build) => {
    const source = context.numbers[build.readModel.name];
    const { numbers: names = [] } = declared(build).index;
    if (source === undefined || names.length === 0) return 0;
    const asOf = context.now();
    const now = await source.all();
    const known = before.get(build.name);
    before.delete(build.name);
    const keys =
      known === undefined || known.times % allEvery === 0 ? undefined : await changedKeys(names, known.numbers, now);
    const written = await refreshDocuments(context, build, names, { now, asOf }, keys);
    before.set(build.name, { numbers: now, times: (known?.times ?? 0) + 1 });
    return written;
  };
}

async function changedKeys(
  names: readonly string[],
  before: ReadonlyMap<string, Numbers>,
  now: ReadonlyMap<string, Numbers>,
): Promise<readonly string[]> {
  const yieldTurn = createEventLoopYield();
  const isSame = (key: string) => names.every((name) => (before.get(key)?.[name] ?? 0) === (now.get(key)?.[name] ?? 0));
  const changed: string[] = [];
  for (const key of new Set([...before.keys(), ...now.keys()])) {
    if (!isSame(key)) changed.push(key);
    await yieldTurn();
  }
  return changed;
}

async function refreshDocuments(
  context: Context,
  build: Build,
  names: readonly string[],
  { now, asOf }: { readonly now: ReadonlyMap<string, Numbers>; readonly asOf: Date },
  keys: readonly string[] | undefined,
): Promise<number> {
  if (keys?.length === 0) return 0;
  const { table } = declared(build);
  const keyColumn = partitionColumn(table);
  const compared = ["engine.kind", "engine.numbers", `engine.row.${keyColumn}`];
  const numbersOf = ({ row }: StoredRowField): Numbers => {
    const known = now.get(String(row[keyColumn]));
    return Object.fromEntries(names.map((name) => [name, known?.[name] ?? 0]));
  };
  const differs = (engine: EngineField): engine is StoredRowField => {
    if (engine.kind !== "row") return false;
    const wanted = numbersOf(engine);
    return names.some((name) => engine.numbers[name] !== wanted[name]);
  };

  const stale: string[] = [];
  await atMoment(context, build, async (moment) => {
    for (const some of keys === undefined ? [undefined] : chunksOf(keys, atOnce)) {
      const ofKeys = some === undefined ? [] : [{ terms: { "engine.key": some.map(keywordOf) } }];
      for await (const [id, engine] of moment.scan([{ term: { "engine.kind": "row" } }, ...ofKeys], compared)) {
        if (differs(engine)) stale.push(id);
      }
    }
  });
  let written = 0;
  for (const some of chunksOf(stale, atOnce)) {
    // In real time: a search may return an older row than an event has written since.
    written += (await writeAll(context, build, writesOf(await getDocuments(context, build, some)))).length;
  }
  return written;

  /** Yields the writes one by one: each document takes half a millisecond. */
  function* writesOf(documents: ReadonlyMap<string, EngineField>): Generator<Write> {
    for (const [id, engine] of documents) {
      if (!differs(engine)) continue;
      const version = BigInt(engine.position);
      const numbers = { ...numbersOf(engine), asOf } as RowNumbers;
      const document = rowDocument(build, rowOf(table, engine.row), numbers)(version);
      yield { id, version, type: "external_gte", document };
    }
  }
}
