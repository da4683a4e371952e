import type { Codec } from "../../../event-store/codec.ts";
import type { RecordedEvent } from "../../../event-store/types.ts";
import { foldIntoRows } from "../apply/applyBatch.ts";
import { classifyFailure } from "../apply/classifyFailure.ts";
import type { Build } from "../core/build.ts";
import type { PartitionSession, ReadModelStore } from "../ports/readModelStore.ts";

export type FoldDependencies = { readonly store: ReadModelStore; readonly codec: Codec };

/** An event that is currently refused, and why. */
export type Refusal = { readonly eventId: string; readonly error: string };

/** Makes the store roll back a trial. */
class Undo extends Error {}

/**
 * The first of a key's parked events, given in order, that is refused when they are applied to the current rows; undefined if
 * all are accepted. The trial is rolled back. `seenBy`: what the events see of the partition. Rejects with UnknownEvent, or when
 * the store fails.
 */
export async function findRefusal(
  dependencies: FoldDependencies,
  build: Build,
  partition: number,
  events: readonly RecordedEvent[],
  seenBy: (session: PartitionSession) => PartitionSession = (session) => session,
): Promise<Refusal | undefined> {
  let accepted = 0;
  let refused = events.length;
  const tryFirst = (count: number) => tryFold(dependencies, build, partition, events.slice(0, count), seenBy);
  let error = await tryFirst(events.length);
  if (error === undefined) return undefined;
  while (refused - accepted > 1) {
    const middle = Math.floor((accepted + refused) / 2);
    const found = await tryFirst(middle);
    if (found === undefined) accepted = middle;
    else [refused, error] = [middle, found];
  }
  const event = events[refused - 1];
  return event && { eventId: event.id, error };
}

/** Why the events are refused together; undefined if they are accepted. */
async function tryFold(
  { store, codec }: FoldDependencies,
  build: Build,
  partition: number,
  events: readonly RecordedEvent[],
  seenBy: (session: PartitionSession) => PartitionSession,
): Promise<string | undefined> {
  try {
    await store.inPartition(build, partition, async (session) => {
      await foldIntoRows(seenBy(session), codec, build, events);
      throw new Undo();
    });
  } catch (error) {
    if (error instanceof Undo) return undefined;
    if (classifyFailure(store, error) !== "refused") throw error;
    return (error as Error).message;
  }
  throw new Error("a trial was kept");
}
