import { join } from "node:path";
import type { EventStore } from "../../event-store/types.ts";
import { booksAsOf } from "../books.ts";
import { dayOf } from "../days.ts";
import type { Duck } from "../duck/database.ts";
import { type LogRange, type ReplayedEvent, readEvents } from "../events.ts";
import type { ReaderNames } from "../pseudonyms.ts";
import type { EventRow } from "../schema/columns.ts";
import { bookOf, createRowWriter, readerIdOf } from "../schema/rowWriter.ts";
import { beginFile, type FileWriter, fileName } from "./fileWriter.ts";
import type { ExportedFile, ExportPlan } from "./manifest.ts";
import { selectionOf } from "./selection.ts";

/** Events of one file at most. A file is what a killed export does again. */
export const eventsOfFile = 100_000;

/** Events that are taken from the log before the names of their readers are asked for. */
const batchSize = 1_000;

export type FilesDeps = {
  readonly eventStore: Pick<EventStore, "readAll">;
  readonly duck: Duck;
  readonly names: ReaderNames;
  /** Ids of readers who are erased. */
  readonly erased: ReadonlySet<string>;
  /** The same, as they would be called in the copy. */
  readonly erasedNames: ReadonlySet<string>;
};

/** `onEvents` is told how many events were taken from the log, and up to where. */
export type FilesOptions = {
  readonly folder: string;
  readonly plan: ExportPlan;
  readonly range: LogRange;
  readonly onEvents: (events: number, position: bigint) => void;
  readonly signal: AbortSignal;
  readonly eventsOfFile?: number;
};

type Growing = Pick<ExportedFile, "file" | "day" | "first" | "from"> & {
  readonly writer: FileWriter;
  events: number;
  leftOut: number;
  passed: number;
  last: bigint;
};

/**
 * Writes the events of a range, and yields each file when it is whole. Where files begin depends on the events that are selected, erased
 * readers' too, and on where the range begins at the end of a file: so an export that goes on writes the same files. While Parquet
 * is made of one file, the next one is being read.
 */
export async function* writeFiles(deps: FilesDeps, options: FilesOptions): AsyncGenerator<ExportedFile> {
  const { plan, folder, range, signal } = options;
  const { format, identities } = plan;
  const most = options.eventsOfFile ?? eventsOfFile;
  const selection = selectionOf(plan.filters);
  const rows = createRowWriter(format === "ndjson" ? "ndjson" : "csv", identities);
  const library = await booksAsOf(deps.eventStore, range.after);
  let from: bigint | null = range.after ?? null;
  let growing: Growing | undefined;
  let finishing: Promise<ExportedFile> | undefined;

  async function* endFile(): AsyncGenerator<ExportedFile> {
    const before = finishing;
    const ended = growing;
    growing = undefined;
    if (before !== undefined) yield await before;
    if (ended === undefined) return;
    from = ended.last;
    finishing = finish(ended);
    // Whoever waits for it learns of a failure; until then it is nobody's.
    finishing.catch(() => {});
  }

  async function append(event: ReplayedEvent, row: EventRow, names: Awaited<ReturnType<ReaderNames["of"]>>) {
    const file = growing as Growing;
    file.last = event.position;
    file.passed++;
    const readerId = readerIdOf(event, row);
    const who = readerId === undefined ? undefined : names.get(readerId);
    if (readerId !== undefined && (who === undefined || deps.erasedNames.has(who.reader))) {
      file.leftOut++;
      return;
    }
    const book = bookOf(event, row);
    await file.writer.write(rows.line(event, book === undefined ? undefined : library.books.get(book), who));
    file.events++;
  }

  try {
    for await (const batch of batches(
      readEvents(deps.eventStore, { ...range, categories: selection.categories, signal }),
      Math.min(batchSize, most),
    )) {
      const names = await deps.names.of(readersOf(batch, deps.erased, selection.rowOf));
      for (const event of batch) {
        library.fold(event);
        const row = selection.rowOf(event);
        if (row === undefined) continue;
        const day = dayOf(event.created);
        if (growing !== undefined && (growing.day !== day || growing.passed >= most)) yield* endFile();
        growing ??= await begin(day, event.position);
        await append(event, row, names);
      }
      options.onEvents(batch.length, batch.at(-1)?.position ?? 0n);
    }
    signal.throwIfAborted();
    yield* endFile();
    if (finishing !== undefined) yield await finishing;
  } finally {
    await growing?.writer.abandon();
    await finishing?.catch(() => {});
  }

  async function begin(day: string, first: bigint): Promise<Growing> {
    const file = fileName(day, first, format);
    const writer = await beginFile({ folder, name: file, format, head: rows.head, duck: deps.duck });
    const fromText = from === null ? null : `${from}`;
    return { file, day, first: `${first}`, from: fromText, writer, events: 0, leftOut: 0, passed: 0, last: first };
  }
}

async function finish({ writer, last, passed: _, ...file }: Growing): Promise<ExportedFile> {
  return { ...file, last: `${last}`, ...(await writer.finish()) };
}

function readersOf(
  batch: readonly ReplayedEvent[],
  erased: ReadonlySet<string>,
  rowOf: (event: ReplayedEvent) => EventRow | undefined,
): ReadonlySet<string> {
  const readers = new Set<string>();
  for (const event of batch) {
    const row = rowOf(event);
    const id = row && readerIdOf(event, row);
    if (id !== undefined && !erased.has(id)) readers.add(id);
  }
  return readers;
}

async function* batches<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<readonly Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The paths of a copy's files. */
export function pathsOf(folder: string, files: readonly Pick<ExportedFile, "file">[]): readonly string[] {
  return files.map(({ file }) => join(folder, file));
}
