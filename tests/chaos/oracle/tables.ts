import pg from "pg";
import { collected } from "../../../src/projections/collected/collected.ts";
import { handles, type ReadModel, type Row } from "../../../src/projections/engine/core/declaration.ts";
import { readModels } from "../../../src/projections/registry.ts";
import { viewSchema } from "../../../src/projections/views.ts";
import { type Environment, type StoredDocument, storedDocuments, wrongFields, wrongShelves } from "./documents.ts";
import { checkErased, type Erased, type LiveBuild } from "./erased.ts";
import { type LoggedEvent, skippedIn } from "./log.ts";
import { type Sifted, sift } from "./parked.ts";
import { foldReadModel, rowKey } from "./readModels.ts";

type Compared = { readonly rows: number; readonly wrong: readonly string[] };

/** Compares all rows and documents that queries read, and the parked events of the live builds, with folds of the log, byte by byte. */
export async function compareTables(
  environment: Environment,
  events: readonly LoggedEvent[],
  erased: readonly Erased[],
): Promise<Compared> {
  const url = environment.DATABASE_URL ?? "";
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 10_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    const builds = await liveBuilds(client);
    const all: Compared[] = [];
    for (const readModel of readModels)
      all.push(await compareReadModel({ client, environment }, readModel, events, erased, builds));
    return { rows: all.reduce((sum, { rows }) => sum + rows, 0), wrong: all.flatMap(({ wrong }) => wrong) };
  } finally {
    await client.end();
  }
}

/** The events that a read model handles: those that it applies, and those that are parked. */
export function siftFor(readModel: ReadModel, events: readonly LoggedEvent[]): Sifted {
  const handled = events.filter(({ type }) => handles(readModel, type));
  return sift(handled, readModel.partitionKey, skippedIn(events, readModel.name));
}

async function compareReadModel(
  { client, environment }: { readonly client: pg.Client; readonly environment: Environment },
  readModel: ReadModel,
  events: readonly LoggedEvent[],
  erased: readonly Erased[],
  builds: ReadonlyMap<string, LiveBuild>,
): Promise<Compared> {
  const sifted = siftFor(readModel, events);
  const folded = foldReadModel(readModel, sifted.applied);
  const build = builds.get(readModel.name);
  if (build === undefined) return { rows: 0, wrong: [`${readModel.name} has no live build`] };
  const wrong: string[] = [];
  let rows = 0;
  const before = erased.map((shelf) => ({ shelf, was: foldReadModel(readModel, shelf.events) }));
  for (const [name, { columns, primaryKey }] of Object.entries(readModel.tables)) {
    const view = `${viewSchema(readModel)}.${name}`;
    const texts = (all: ReadonlyMap<string, Row>) =>
      new Map([...all].map(([key, row]) => [key, asText(Object.keys(columns), row)]));
    const documents = readModel.index && (await storedDocuments(environment, readModel));
    const found = documents?.map(({ row }) => row) ?? (await client.query<Row>(`SELECT * FROM ${view}`)).rows;
    const stored = texts(new Map(found.map((row) => [rowKey(primaryKey, row), row])));
    const rightRows = folded.get(name) ?? new Map<string, Row>();
    const right = texts(rightRows);
    rows += stored.size;
    for (const { shelf, was } of before) {
      const wasThere = texts(was.get(name) ?? new Map());
      const of = [...stored].filter(([key]) => wasThere.has(key) || key.includes(shelf.readerId));
      const difference = checkErased(shelf, wasThere, new Map(of), build);
      if (difference !== undefined) wrong.push(`${view}: ${difference}`);
      for (const [key] of of) stored.delete(key);
    }
    for (const [key, text] of right)
      if (stored.get(key) !== text) wrong.push(`${view} ${key}: ${stored.get(key) ?? "no row"} instead of ${text}`);
    for (const [key, text] of stored) if (!right.has(key)) wrong.push(`${view} ${key} should not be there: ${text}`);
    if (documents !== undefined) wrong.push(...(await compareDocuments(client, readModel, rightRows, documents)));
  }
  wrong.push(...(await compareParked(client, readModel.name, sifted)));
  return { rows, wrong };
}

/** The searched fields of rows. */
async function compareDocuments(
  client: pg.Client,
  readModel: ReadModel,
  right: ReadonlyMap<string, Row>,
  documents: readonly StoredDocument[],
): Promise<readonly string[]> {
  const [{ primaryKey } = { primaryKey: [] }] = Object.values(readModel.tables);
  const wrong = documents.flatMap((document) => {
    const key = rowKey(primaryKey, document.row);
    const row = right.get(key);
    const said = row && wrongFields(readModel, row, document);
    return said === undefined ? [] : [`${readModel.name} ${key} is ${said}`];
  });
  const { rows } = await client.query<{ book_id: string; shelves: number }>(
    `SELECT book_id, shelves::int4 AS shelves FROM ${viewSchema(collected)}.collected_books`,
  );
  return [...wrong, ...wrongShelves(documents, new Map(rows.map(({ book_id, shelves }) => [book_id, shelves])))];
}

/** The live build of each read model; the run creates all of them. */
async function liveBuilds(client: pg.Client): Promise<Map<string, LiveBuild>> {
  const found = await client.query<{ read_model: string; number: number; is_first: boolean; created_at: Date }>(
    `SELECT read_model, number, created_at,
       NOT EXISTS (SELECT FROM projections.builds b WHERE b.read_model = builds.read_model AND b.number < builds.number) AS is_first
     FROM projections.builds WHERE state = 'live'`,
  );
  return new Map(
    found.rows.map(({ read_model, number, is_first, created_at }) => [
      read_model,
      { number, isFirst: is_first, createdAt: created_at },
    ]),
  );
}

async function compareParked(client: pg.Client, readModel: string, { parked }: Sifted): Promise<string[]> {
  const found = await client.query<{ key: string; events: string[] }>(
    `SELECT parked.key, array_agg(DISTINCT parked.event_id) AS events
     FROM projections.parked JOIN projections.builds
       ON parked.build = read_model || '_v' || version || '_b' || number
     WHERE read_model = $1 AND state = 'live' GROUP BY parked.key`,
    [readModel],
  );
  const right = parkedText([...parked]);
  const stored = parkedText(found.rows.map(({ key, events }) => [key, events]));
  return right === stored ? [] : [`parked in ${readModel}: ${stored} instead of ${right}`];
}

function parkedText(keys: readonly (readonly [key: string, events: readonly string[]])[]): string {
  return JSON.stringify(
    keys.map(([key, events]) => [key, [...events].sort()] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A row as text, column by column; the driver gives int8 as text, the fold as bigint, and an absent column as undefined. */
function asText(columns: readonly string[], row: Row): string {
  const fields = columns.map((column) => {
    const value = row[column] ?? null;
    return [column, value instanceof Date ? value.toISOString() : value === null ? null : String(value)];
  });
  return JSON.stringify(Object.fromEntries(fields));
}
