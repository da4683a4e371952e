import pg from "pg";
import { categoryId } from "../../src/projections/library/categoryId.ts";
import { titleKeyOf } from "../../src/projections/library/titleKey.ts";
import { type LoggedEvent, readLog } from "./log.ts";
import type { Journal } from "./readers.ts";
import { foldShelves } from "./shelves.ts";

type Row = Record<string, unknown>;

/**
 * Holds the log against what readers were told, and the tables against a fold of the log that is written here anew. Returns
 * a line for each difference; none means that nothing was lost, doubled or reordered.
 */
export async function verify(
  stack: { environment: Readonly<Record<string, string>> },
  journal: Journal,
): Promise<{ differences: readonly string[]; events: number; rows: number }> {
  const events = await readLog(stack.environment.EVENTSTORE_URL ?? "");
  const differences = [...journal.surprises, ...checkCommands(events, journal), ...checkLastWords(events, journal)];
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { rows, wrong } = await compareTables(stack.environment.DATABASE_URL ?? "", events);
    // Read models follow the log: only what has not come right after a minute of calm is wrong.
    if (wrong.length === 0 || Date.now() > deadline) {
      return { differences: [...differences, ...wrong], events: events.length, rows };
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Every acknowledged command that wrote is in the log once, where it was said to be; no command is there twice. */
function checkCommands(events: readonly LoggedEvent[], journal: Journal): string[] {
  const wrong: string[] = [];
  const byCommand = new Map<string, LoggedEvent[]>();
  const ids = new Set<string>();
  for (const event of events) {
    if (ids.has(event.id)) wrong.push(`event ${event.id} stands in the log twice`);
    ids.add(event.id);
    byCommand.set(event.commandId, [...(byCommand.get(event.commandId) ?? []), event]);
  }
  for (const told of journal.acknowledged) {
    const written = byCommand.get(told.commandId) ?? [];
    const types = written.map((event) => event.type).join();
    if (types !== told.events.join()) {
      wrong.push(`command ${told.commandId} was acknowledged with [${told.events}] and the log holds [${types}]`);
    } else if (written.length > 0 && String(written.at(-1)?.position) !== told.position) {
      wrong.push(`command ${told.commandId} was told ${told.position} and stands at ${written.at(-1)?.position}`);
    }
  }
  return wrong;
}

/** A reader sends one command after the other, so the last acknowledged one decides whether a book is on the shelf. */
function checkLastWords(events: readonly LoggedEvent[], journal: Journal): string[] {
  const shelves = foldShelves(events).books;
  const moved = journal.acknowledged.filter(({ action }) => action !== "arrange");
  const last = new Map(moved.map((told) => [`${told.readerId} ${told.bookId}`, told]));
  return [...last.entries()]
    .filter(([key, told]) => shelves.has(key) !== (told.action === "shelve"))
    .map(([key, told]) => `${key}: the last word was to ${told.action} it, the log says otherwise`);
}

function foldBooks(events: readonly LoggedEvent[]): { books: Map<string, Row>; chapters: Map<string, Row> } {
  const books = new Map<string, Row>();
  const chapters = new Map<string, Row>();
  const drafts = new Map<string, Row>();
  for (const { type, stream, data, created, position } of events) {
    const id = stream.replace(/^book-/, "");
    const book = books.get(id);
    const updated = { updated_at: created, updated_position: position };
    if (type === "BookCatalogued") {
      const { title, author, intro, channel, category, status, words } = data;
      const before = book ?? {
        edition: null,
        chapters: 0,
        words: words === null ? null : BigInt(words as number),
        catalogued_at: created,
        catalogued_position: position,
        published_at: null,
        withdrawn_at: null,
      };
      // The chaos library has neither covers nor sub-categories.
      const none = { sub_category: null, sub_category_id: null, cover_url: null, cover_sha256: null };
      const derived = {
        title_key: titleKeyOf(title as string),
        category_id: categoryId(channel as string, category as string),
      };
      const told = { title, author, intro, channel, category, status, ...none, ...derived };
      books.set(id, { ...before, book_id: id, ...told, ...updated });
    } else if (type === "ChaptersPublished") {
      for (const { chapterId, ...chapter } of data.chapters as (Row & { no: number; chapterId: string })[]) {
        drafts.set(`${id} ${chapter.no}`, { book_id: id, chapter_id: chapterId, ...chapter });
      }
    } else if (type === "BookPublished" && book !== undefined) {
      for (const [key, draft] of drafts) {
        if (draft.book_id !== id) continue;
        chapters.set(key, draft);
        drafts.delete(key);
      }
      const totals = data.totals as { chapters: number; words: number };
      const published_at = book.published_at ?? created;
      const { chapters: count, words } = totals;
      books.set(id, {
        ...book,
        edition: data.edition,
        chapters: count,
        words: BigInt(words),
        published_at,
        ...updated,
      });
    }
  }
  return { books, chapters };
}

async function compareTables(url: string, events: readonly LoggedEvent[]): Promise<{ rows: number; wrong: string[] }> {
  const { books, chapters } = foldBooks(events);
  const shelves = foldShelves(events);
  const expected: readonly [table: string, key: (row: Row) => string, rows: Map<string, Row>][] = [
    ["shelf_v2.shelf_books", (row) => `${row.reader_id} ${row.book_id}`, shelves.books],
    ["shelf_v2.shelf_groups", (row) => `${row.reader_id} ${row.group_id}`, shelves.groups],
    ["library_v2.books", (row) => `${row.book_id}`, books],
    ["library_v2.chapters", (row) => `${row.book_id} ${row.no}`, chapters],
  ];
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const wrong: string[] = [];
    let rows = 0;
    for (const [table, keyOf, folded] of expected) {
      const stored = new Map((await client.query<Row>(`SELECT * FROM ${table}`)).rows.map((row) => [keyOf(row), row]));
      rows += stored.size;
      for (const [key, row] of folded) {
        if (comparable(stored.get(key)) !== comparable(row)) {
          wrong.push(`${table} ${key}: ${comparable(stored.get(key))} instead of ${comparable(row)}`);
        }
      }
      for (const key of stored.keys()) if (!folded.has(key)) wrong.push(`${table} ${key} should not be there`);
    }
    return { rows, wrong };
  } finally {
    await client.end();
  }
}

/** A row as text with its columns in order; the driver gives int8 as text, the fold as bigint. */
function comparable(row: Row | undefined): string {
  if (row === undefined) return "no row";
  const fields = Object.entries(row).map(([column, value]) => [
    column,
    value instanceof Date ? value.toISOString() : value === null ? null : String(value),
  ]);
  return JSON.stringify(Object.fromEntries(fields.sort(([a], [b]) => String(a).localeCompare(String(b)))));
}
