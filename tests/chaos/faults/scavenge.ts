import { randomUUID } from "node:crypto";
import { readLog } from "../oracle/log.ts";
import { type FaultContext, insist } from "./fault.ts";
import { heima, operatorPatienceMs } from "./operators.ts";
import { appendToNewShelf, foreignEvent, withEventStore } from "./shelf.ts";

/**
 * The shelf of one of the run's own readers, with books that no other shelf has, is tombstoned, and an operator scavenges: its
 * events are removed from the log, and only the run still knows them. Rejects when they remain.
 */
export async function scavenge(context: FaultContext): Promise<string> {
  const { world, erased } = context;
  const readerId = randomUUID();
  const stream = `shelf-${readerId}`;
  const books = Array.from({ length: 3 }, () => randomUUID().replaceAll("-", "").slice(0, 12));
  await appendToNewShelf(world, readerId, [
    ...books.map((bookId) => foreignEvent("BookAddedToShelf", { bookId })),
    foreignEvent("ShelfBookPinned", { bookId: books[1] }),
    foreignEvent("BookRemovedFromShelf", { bookId: books[0] }),
  ]);
  const events = await insist(() => readLog(world.environment.EVENTSTORE_URL ?? "", stream));
  await withEventStore(world, async (client) => {
    await client.tombstoneStream(stream, { deadline: 3_000 }).catch((error: { type?: string }) => {
      if (error.type !== "stream-deleted") throw error;
    });
  });
  let tries = 0;
  await insist(() => {
    tries++;
    // A fault interrupted the scavenge: it had begun, and its process has died.
    const again = tries > 1 ? ["--force"] : [];
    return heima(context, "scavenge", "--timeout", "120", ...again);
  }, operatorPatienceMs);
  const left = await insist(() => readLog(world.environment.EVENTSTORE_URL ?? "", stream));
  if (left.length > 0) throw new Error(`${left.length} of ${events.length} events of ${stream} are still in the log`);
  erased.push({ readerId, events, scavengedAt: new Date() });
  return `heima scavenge, ${events.length} events of ${stream} are gone (${tries} tries)`;
}
