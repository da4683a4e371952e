import { createCodec } from "../../event-store/codec.ts";
import type { EventStore, SubscriptionMessage } from "../../event-store/types.ts";
import { booksAsOf } from "../books.ts";
import { decodeReadable } from "../events.ts";
import type { ExportFilters } from "../export/manifest.ts";
import { selectionOf } from "../export/selection.ts";
import type { ReaderNames } from "../pseudonyms.ts";
import { bookOf, type Chosen, createRows, readerIdOf } from "../schema/cells.ts";
import { createTextLines } from "../schema/textLines.ts";

export type EventLinesDeps = {
  readonly eventStore: Pick<EventStore, "subscribe" | "readAll">;
  readonly names: ReaderNames;
  /** Readers of whom nothing may be shown: those erased before, and those who are while the stream goes on. */
  readonly isErased: (readerId: string) => boolean;
};

export type AskedLines = {
  /** Exclusive; undefined: from the log's beginning. */
  readonly after: bigint | undefined;
  readonly filters: ExportFilters;
  /** Whether to go on with what is appended later; else the lines end at the log's end. */
  readonly follow: boolean;
  /** How long nothing may be sent, in milliseconds: then an empty line is. */
  readonly heartbeatMs: number;
};

/**
 * Events as lines of JSON, each as in an export without identities (docs/events.md), several lines at a time. Reads as its consumer asks
 * for more: who asks for nothing holds the few messages that a subscription takes before it is paused. An abort of `signal` ends it.
 * Events that break their schema are left out. Rejects with UnknownEvent, or as a subscription does.
 */
export async function* eventLines(
  deps: EventLinesDeps,
  asked: AskedLines,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { eventStore, names, isErased } = deps;
  const selection = selectionOf(asked.filters);
  const lendRow = createRows(false);
  const text = createTextLines("ndjson");
  const codec = createCodec();
  const library = await booksAsOf(eventStore, asked.after, signal);
  if (signal.aborted) return;
  const leave = new AbortController();
  const subscription = eventStore.subscribe({
    categories: selection.categories,
    after: asked.after,
    signal: AbortSignal.any([signal, leave.signal]),
  });
  const iterator = subscription[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    for (;;) {
      const came = await within(next, asked.heartbeatMs);
      if (came === undefined) {
        yield "\n";
        continue;
      }
      if (came.done || signal.aborted) return;
      const messages = [came.value, ...(subscription.takeReady?.() ?? [])];
      const lines = await linesOf(messages);
      if (lines !== "") yield lines;
      if (!asked.follow && messages.some(({ kind }) => kind === "caughtUp")) return;
      next = iterator.next();
    }
  } finally {
    leave.abort();
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

/** What the promise resolves with, or undefined if that takes longer than `ms`. */
async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
