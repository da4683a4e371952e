import { createCodec } from "../../event-store/codec.ts";
import type { EventStore, SubscriptionMessage } from "../../event-store/types.ts";
import { booksAsOf } from "../books.ts";
import { decodeReadable } from "../events.ts";
import type { ExportFilters } from "../export/manifest.ts";
import { selectionOf } from "../export/selection.ts";
import type { ReaderNames } from "../pseudonyms.ts";
import { bookOf, type Chosen, createRows, readerIdOf } from "../schema/cells.ts";
import { createTextLines } from "../schema/textLines.ts";
import { withHeartbeats } from "./heartbeats.ts";

export type EventLinesDependencies = {
  readonly eventStore: Pick<EventStore, "subscribe" | "readAll">;
  readonly names: ReaderNames;
  /** Readers of whom nothing may be shown: those erased before, and those who are while the stream continues. */
  readonly isErased: (readerId: string) => boolean;
  /** Resolves when `isErased` knows those erased before. */
  readonly knowsErased?: () => Promise<unknown>;
};

export type AskedLines = {
  /** Exclusive; undefined: from the log's beginning. A function finds it when the stream has begun. */
  readonly after: bigint | undefined | ((signal: AbortSignal) => Promise<bigint | undefined>);
  readonly filters: ExportFilters;
  /** Whether to continue with events that are appended later; else the lines end at the log's end. */
  readonly follow: boolean;
  /** Maximum time without a line, in milliseconds: then an empty line is sent. */
  readonly heartbeatMs: number;
};

/**
 * Returns events as lines of JSON, each as in an export without identities (docs/events.md), several lines at a time. Reads as
 * its consumer takes more: for a consumer that takes nothing it holds the few messages that a subscription takes before it is
 * paused. An abort of `signal` ends it with a line that has a position alone: the log was read up to there; it is null if the
 * start was not found yet. So a stream that was to end at the log's end, and has no such line, is complete; and a client that
 * wants few of the events advances. A stream that follows the log has the line unless it read nothing. Events that break their
 * schema are left out. Rejects with UnknownEvent, or as a subscription does.
 */
export function eventLines(
  deps: EventLinesDependencies,
  asked: AskedLines,
  signal: AbortSignal,
): AsyncGenerator<string> {
  return withHeartbeats((ended) => linesAndPlace(deps, asked, ended), asked.heartbeatMs, signal);
}

async function* linesAndPlace(
  { knowsErased, ...deps }: EventLinesDependencies,
  { after: start, ...asked }: AskedLines,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const begin = async () => {
    await knowsErased?.();
    return typeof start === "function" ? start(signal) : start;
  };
  const begun = await unlessAborted(begin, signal);
  let reached: bigint | undefined;
  if (begun !== undefined)
    for await (const { lines, position } of piecesOf(deps, { ...asked, after: begun.value }, signal)) {
      reached = position ?? reached;
      if (lines !== "") yield lines;
    }
  if (!signal.aborted || (asked.follow && reached === undefined)) return;
  const isLookedFor = begun === undefined && typeof start === "function";
  const beginning = begun?.value ?? (typeof start === "bigint" ? start : 0n);
  yield `{"position":${isLookedFor ? null : (reached ?? beginning)}}\n`;
}

/** Resolves with the result of the work; with undefined when the signal is aborted before, whatever the work does then. */
async function unlessAborted<Value>(
  work: () => Promise<Value>,
  signal: AbortSignal,
): Promise<{ readonly value: Value } | undefined> {
  if (signal.aborted) return undefined;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    return { value: await Promise.race([work(), aborted]) };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** Lines, and the last event that was looked at for them; undefined: none. */
type Piece = { readonly lines: string; readonly position: bigint | undefined };

async function* piecesOf(
  { eventStore, names, isErased }: EventLinesDependencies,
  { after, filters, follow }: Omit<AskedLines, "after" | "heartbeatMs"> & { readonly after: bigint | undefined },
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const selection = selectionOf(filters);
  const lendRow = createRows(false);
  const text = createTextLines("ndjson");
  const codec = createCodec();
  const library = await booksAsOf(eventStore, after, signal);
  if (signal.aborted) return;
  const subscription = eventStore.subscribe({ categories: selection.categories, after, signal });
  const iterator = subscription[Symbol.asyncIterator]();
  for (;;) {
    const came = await iterator.next();
    if (came.done || signal.aborted) return;
    const messages = [came.value, ...(subscription.takeReady?.() ?? [])];
    const last = messages.findLast(({ kind }) => kind === "event");
    yield { lines: await linesOf(messages), position: last?.kind === "event" ? last.event.position : undefined };
    if (!follow && messages.some(({ kind }) => kind === "caughtUp")) return;
  }

  async function linesOf(messages: readonly SubscriptionMessage[]): Promise<string> {
    const wanted: { chosen: Chosen; book: ReturnType<typeof library.books.get> }[] = [];
    const readers = new Set<string>();
    for (const message of messages) {
      const event = message.kind === "event" ? decodeReadable(codec, message.event) : undefined;
      if (event === undefined) continue;
      library.fold(event);
      const row = selection.rowOf(event);
      if (row === undefined) continue;
      const readerId = readerIdOf(event, row);
      if (readerId !== undefined && isErased(readerId)) continue;
      if (readerId !== undefined) readers.add(readerId);
      wanted.push({ chosen: { event, row, readerId }, book: library.books.get(bookOf(event, row) ?? "") });
    }
    const known = await names.of(readers);
    let lines = "";
    for (const { chosen, book } of wanted) {
      const { readerId } = chosen;
      const identity = readerId === undefined ? undefined : known.get(readerId);
      if (readerId === undefined || identity !== undefined) lines += lendRow(text.line, chosen, book, identity);
    }
    return lines;
  }
}
