import { randomUUID } from "node:crypto";
import type { FaultContext } from "./fault.ts";
import { appendToNewShelf, foreignEvent } from "./shelf.ts";

/**
 * Appends events directly to the shelf of one of the run's own readers: a valid one, one or two that violate their schema, and more
 * valid ones. From the first bad one on the reader's key is parked in `shelf`; in `collected` it is the key of the bad book, or the
 * stream when the event has no book at all.
 */
export async function poison({ world, random, books, poisoned }: FaultContext): Promise<string> {
  const readerId = randomUUID();
  const bad = random.next() < 0.5 ? { bookId: 5 } : { bookId: `poison ${random.between(1, 9_999)}` };
  const eventId = randomUUID();
  const shelved = (data: Record<string, unknown>, id?: string) => foreignEvent("BookAddedToShelf", data, id);
  const chosen = random.shuffle(books).slice(0, 5);
  const good = chosen.map((bookId) => shelved({ bookId }));
  const events = [...good.slice(0, 2), shelved(bad, eventId), ...good.slice(2)];
  if (random.next() < 0.3) events.push(shelved(bad));
  await appendToNewShelf(world, readerId, events);
  poisoned.push({ eventId, readerId });
  return `poison: ${JSON.stringify(bad)} into shelf-${readerId}`;
}
