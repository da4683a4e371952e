import { join } from "node:path";
import type { EventStore } from "../../event-store/types.ts";
import { booksAsOf } from "../books.ts";
import { dayNumberOf, dayOf } from "../days.ts";
import type { Duck } from "../duck/database.ts";
import { type LogRange, type ReplayedEvent, readEventBatches } from "../events.ts";
import type { ReaderNames } from "../pseudonyms.ts";
import { bookOf, type Chosen, createRows, readerIdOf } from "../schema/cells.ts";
import { beginFile, type FileWriter, fileName } from "./fileWriter.ts";
import type { ExportedFile, ExportFilters, ExportPlan } from "./manifest.ts";
import { type Selection, selectionOf } from "./selection.ts";

/** Events of one file at most. A file is what a killed export does again. */
const eventsOfFile = 100_000;

/** Events that are taken from the log before the names of their readers are asked for; meanwhile the next are taken. */
const batchSize = 1_000;

export type FilesDependencies = {
  readonly eventStore: Pick<EventStore, "readAll">;
  readonly duck: Duck;
  readonly names: ReaderNames;
  /** Ids of readers who are erased. */
  readonly erased: ReadonlySet<string>;
  /** The same, as they would be called in the copy. */
  readonly erasedNames: ReadonlySet<string>;
};

/** Options of `writeFiles`. `onEvents` is called with the number of events taken from the log, and the position. */
export type FilesOptions = {
  readonly folder: string;
  readonly plan: ExportPlan;
  /** The filters of the plan, with the ids of readers. */
  readonly filters: ExportFilters;
  readonly range: LogRange;
  readonly onEvents: (events: number, position: bigint) => void;
  /** Called at the end with the number of events after the last file's that do not match their schema. */
  readonly onUnreadableRest?: (events: number) => void;
  readonly signal: AbortSignal;
  readonly eventsOfFile?: number;
};

/** Events of the log, those that are chosen (undefined: not), and what their readers are called. */
type Batch = {
  readonly events: readonly ReplayedEvent[];
  readonly chosen: readonly (Chosen | undefined)[];
  readonly names: ReturnType<ReaderNames["of"]>;
};

type Growing = Pick<ExportedFile, "file" | "day" | "first" | "from"> & {
  readonly dayNumber: number;
  readonly writer: FileWriter;
  events: number;
  leftOut: number;
  unreadable: number;
  passed: number;
  last: bigint;
};

/**
 * Writes the events of a range, and yields each file when it is whole. Where files begin depends on the events that are selected, erased
 * readers' too, and on where the range begins at the end of a file: so a resumed export writes the same files. While Parquet
 * is made of one file, the next one is being read.
 */
export async function* writeFiles(deps: FilesDependencies, options: FilesOptions): AsyncGenerator<ExportedFile> {
  const { plan, range, signal } = options;
  const maxEvents = options.eventsOfFile ?? eventsOfFile;
  const selection = selectionOf(options.filters);
  const lendRow = createRows(plan.identities);
  const library = await booksAsOf(deps.eventStore, range.after, signal);
  signal.throwIfAborted();
  let from: bigint | null = range.after ?? null;
  let growing: Growing | undefined;
  let finishing: Promise<ExportedFile> | undefined;
  /** Where events lie that cannot be read: reading is ahead of writing. Each counts in the file of the event after it, wherever the export began. */
  let unreadable: bigint[] = [];

  async function* endFile(): AsyncGenerator<ExportedFile> {
    const before = finishing;
    const ended = growing;
    growing = undefined;
    if (before !== undefined) yield await before;
    if (ended === undefined) return;
    from = ended.last;
    finishing = finish(ended);
    // Its waiter handles a failure; until then it must not be unhandled.
    finishing.catch(() => {});
  }

  function append(chosen: Chosen, names: Awaited<ReturnType<ReaderNames["of"]>>): Promise<void> | undefined {
    const file = growing as Growing;
    const { event, row, readerId } = chosen;
    file.last = event.position;
    file.passed++;
    if (unreadable.length > 0) {
      const rest = unreadable.filter((position) => position > event.position);
      file.unreadable += unreadable.length - rest.length;
      unreadable = rest;
    }
    const who = readerId === undefined ? undefined : names.get(readerId);
    if (readerId !== undefined && (who === undefined || deps.erasedNames.has(who.reader))) {
      file.leftOut++;
      return undefined;
    }
    const book = bookOf(event, row);
    file.events++;
    return lendRow(file.writer.write, chosen, book === undefined ? undefined : library.books.get(book), who);
  }

  /** Returns whether an event belongs into the file that is being written. */
  function fits({ created }: ReplayedEvent): boolean {
    return growing?.dayNumber === dayNumberOf(created.getTime()) && growing.passed < maxEvents;
  }

  async function* writeBatch({ events, chosen, names }: Batch): AsyncGenerator<ExportedFile> {
    const known = await names;
    for (let n = 0; n < events.length; n++) {
      const event = events[n] as ReplayedEvent;
      library.fold(event);
      const one = chosen[n];
      if (one === undefined) continue;
      if (!fits(event)) {
        if (growing !== undefined) yield* endFile();
        growing = await begin(deps, options, from, event);
      }
      const full = append(one, known);
      if (full !== undefined) await full;
    }
    options.onEvents(events.length, events.at(-1)?.position ?? 0n);
  }

  try {
    let waiting: Batch | undefined;
    for await (const events of readEventBatches(deps.eventStore, {
      ...range,
      categories: selection.categories,
      signal,
      detail: plan.identities ? "all" : "essential",
      size: Math.min(batchSize, maxEvents),
      onUnreadable: ({ type, position }) => {
        if (selection.hasType(type)) unreadable.push(position);
      },
    })) {
      const next = prepare(deps, selection, events);
      if (waiting !== undefined) yield* writeBatch(waiting);
      waiting = next;
    }
    signal.throwIfAborted();
    if (waiting !== undefined) yield* writeBatch(waiting);
    yield* endFile();
    if (finishing !== undefined) yield await finishing;
    options.onUnreadableRest?.(unreadable.length);
  } finally {
    await growing?.writer.abandon();
    await finishing?.catch(() => {});
  }
}

/** Chooses events, and asks what their readers are called. */
function prepare(
  { names: readerNames, erased }: Pick<FilesDependencies, "names" | "erased">,
  selection: Selection,
  events: readonly ReplayedEvent[],
): Batch {
  const readers = new Set<string>();
  const chosen = events.map((event): Chosen | undefined => {
    const row = selection.rowOf(event);
    if (row === undefined) return undefined;
    const readerId = readerIdOf(event, row);
    if (readerId !== undefined && !erased.has(readerId)) readers.add(readerId);
    return { event, row, readerId };
  });
  const names = readerNames.of(readers);
  // The writer of the batch handles a failure; until then it must not be unhandled.
  names.catch(() => {});
  return { events, chosen, names };
}

/** Begins the file whose first event this is. */
async function begin(
  { duck }: Pick<FilesDependencies, "duck">,
  { folder, plan: { format } }: Pick<FilesOptions, "folder" | "plan">,
  from: bigint | null,
  { created, position }: ReplayedEvent,
): Promise<Growing> {
  const day = dayOf(created);
  const file = fileName(day, position, format);
  const writer = await beginFile({ folder, name: file, format, duck });
  const at = { file, day, dayNumber: dayNumberOf(created.getTime()), first: `${position}` };
  return {
    ...at,
    from: from === null ? null : `${from}`,
    writer,
    events: 0,
    leftOut: 0,
    unreadable: 0,
    passed: 0,
    last: position,
  };
}

async function finish({ writer, last, passed: _, dayNumber: __, ...file }: Growing): Promise<ExportedFile> {
  return { ...file, last: `${last}`, ...(await writer.finish()) };
}

/** The paths of a copy's files. */
export function pathsOf(folder: string, files: readonly Pick<ExportedFile, "file">[]): readonly string[] {
  return files.map(({ file }) => join(folder, file));
}
