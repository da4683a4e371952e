import { randomUUID } from "node:crypto";
import type { EventStore } from "../../../src/event-store/types.ts";
import { codec } from "../fixtures.ts";

/** Book ids of the right form, never the same twice. */
let books = 0;
const nextBook = () => `b${String(++books).padStart(11, "0")}`;

/** Adds books to readers' shelves and records them. */
export function createShelfWriter(eventStore: Pick<EventStore, "append">, readers: readonly string[]) {
  const revisions = new Map<string, bigint>();
  const shelves = new Map<string, string[]>(readers.map((reader) => [reader, []]));
  const metadata = {
    commandId: randomUUID(),
    commandHash: "0".repeat(64),
    correlationId: randomUUID(),
    causationId: randomUUID(),
    occurredAt: "2026-01-01T00:00:00.000Z",
  };
  let next = 0;

  const add = async (reader: string, count: number): Promise<bigint> => {
    const bookIds = Array.from({ length: count }, nextBook);
    const events = bookIds.map((bookId) =>
      codec.encode({ type: "BookAddedToShelf", data: { bookId } }, randomUUID(), metadata),
    );
    const appended = await eventStore.append(`shelf-${reader}`, revisions.get(reader) ?? "no_stream", events);
    revisions.set(reader, appended.revision);
    shelves.get(reader)?.push(...bookIds);
    return appended.position;
  };

  return {
    /** Reader → books. */
    shelves,
    add,
    /** Appends one book after the other, reader by reader, until aborted. */
    async goOn(stop: AbortSignal): Promise<void> {
      while (!stop.aborted) await add(readers[next++ % readers.length] ?? "", 1);
    },
  };
}
