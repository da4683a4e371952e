import pg from "pg";
import { foldBooks, foldCollected } from "./books.ts";
import { checkErased, type Erased, type LiveBuild } from "./erased.ts";
import { type LoggedEvent, skippedIn } from "./log.ts";
import { keyOf, type Sifted, sift } from "./parked.ts";
import { foldShelves, placed } from "./shelves.ts";

type Row = Record<string, unknown>;
type Expected = {
  readonly view: string;
  readonly key: readonly string[];
  readonly rows: Map<string, Row>;
  /** What is compared of the stored rows; all of them unless given. */
  readonly shown?: (stored: ReadonlyMap<string, Row>) => Map<string, Row>;
  /** What an erased shelf left in it, by the same key. */
  readonly erased?: (events: readonly LoggedEvent[]) => Map<string, Row>;
};

/** Where queries find each read model: the views of the versions that this release reads. */
const views = { shelf: "shelf_v4", library: "library_v3", collected: "collected_v2" } as const;

/** The events that change on how many shelves a book lies. */
const counts = new Set(["BookAddedToShelf", "BookReturnedToShelf", "BookRemovedFromShelf"]);

/** Compares all rows that queries see, and the parked events of the live builds, with folds of the log; byte for byte. */
export async function compareTables(
  url: string,
  events: readonly LoggedEvent[],
  erased: readonly Erased[],
): Promise<{ rows: number; wrong: readonly string[] }> {
  const ofShelves = events.filter(({ stream }) => stream.startsWith("shelf-"));
  const shelf = sift(ofShelves, keyOf.reader, skippedIn(events, "shelf"));
  const handled = ofShelves.filter(({ type }) => counts.has(type));
  const collected = sift(handled, keyOf.book, skippedIn(events, "collected"));
  const shelves = foldShelves(shelf.applied);
  const library = foldBooks(events);
  const expected: readonly Expected[] = [
    {
      ...{ view: `${views.shelf}.shelf_books`, key: ["reader_id", "book_id"], rows: shelves.books },
      shown: (stored) => placed(stored, "newest first"),
      erased: (of) => foldShelves(of).books,
    },
    {
      ...{ view: `${views.shelf}.shelf_groups`, key: ["reader_id", "group_id"], rows: shelves.groups },
      shown: (stored) => placed(stored, "newest last"),
    },
    { view: `${views.library}.books`, key: ["book_id"], rows: library.books },
    { view: `${views.library}.chapters`, key: ["book_id", "no"], rows: library.chapters },
    { view: `${views.library}.draft_chapters`, key: ["book_id", "edition", "no"], rows: library.drafts },
    {
      ...{ view: `${views.collected}.collected_books`, key: ["book_id"], rows: foldCollected(collected.applied) },
      erased: (of) => foldCollected(of.filter(({ type }) => counts.has(type))),
    },
  ];
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 10_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    const wrong: string[] = [];
    let rows = 0;
    const builds = await liveBuilds(client);
    for (const { view, key, rows: folded, shown = asStored, erased: foldErased } of expected) {
      const found = await client.query<Row>(`SELECT * FROM ${view}`);
      const stored = shown(new Map(found.rows.map((row) => [key.map((column) => row[column]).join(" "), row])));
      rows += stored.size;
      const build = builds.get(view.slice(0, view.indexOf("_v"))) as LiveBuild;
      for (const shelf of foldErased === undefined ? [] : erased) {
        const was = asTexts(foldErased?.(shelf.events) ?? new Map());
        const of = [...stored].filter(([name, row]) => was.has(name) || row.reader_id === shelf.readerId);
        const difference = checkErased(shelf, was, asTexts(new Map(of)), build);
        if (difference !== undefined) wrong.push(`${view}: ${difference}`);
        for (const [name] of of) stored.delete(name);
      }
      for (const [name, row] of folded) {
        if (asText(stored.get(name)) !== asText(row))
          wrong.push(`${view} ${name}: ${asText(stored.get(name))} instead of ${asText(row)}`);
      }
      for (const name of stored.keys()) if (!folded.has(name)) wrong.push(`${view} ${name} should not be there`);
    }
    wrong.push(
      ...(await compareParked(client, "shelf", shelf)),
      ...(await compareParked(client, "collected", collected)),
    );
    return { rows, wrong };
  } finally {
    await client.end();
  }
}

/** The live build of each read model; the run makes all of them. */
async function liveBuilds(client: pg.Client): Promise<Map<string, LiveBuild>> {
  const found = await client.query<{ read_model: string; number: number; created_at: Date }>(
    "SELECT read_model, number, created_at FROM projections.builds WHERE state = 'live'",
  );
  return new Map(
    found.rows.map(({ read_model, number, created_at }) => [read_model, { number, createdAt: created_at }]),
  );
}

const asStored = (rows: ReadonlyMap<string, Row>) => new Map(rows);

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

const asTexts = (rows: ReadonlyMap<string, Row>) => new Map([...rows].map(([name, row]) => [name, asText(row)]));

/** A row as text with its columns in order; the driver gives int8 as text, the fold as bigint. */
function asText(row: Row | undefined): string {
  if (row === undefined) return "no row";
  const fields = Object.entries(row).map(([column, value]) => [
    column,
    value instanceof Date ? value.toISOString() : value === null ? null : String(value),
  ]);
  return JSON.stringify(Object.fromEntries(fields.sort(([a], [b]) => String(a).localeCompare(String(b)))));
}
