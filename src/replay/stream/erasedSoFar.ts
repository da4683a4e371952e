import type { EventStore } from "../../event-store/types.ts";
import type { Pool } from "../../platform/postgres.ts";
import { readErasures } from "../erasures.ts";

/**
 * Returns the readers whom the log or Postgres has as erased, as of the call. The result of reading the log is kept, so that only
 * the first call reads it from its beginning; concurrent calls share a read.
 */
export function createErasedSoFar(stores: {
  readonly eventStore: Pick<EventStore, "readAll" | "readLogEnd">;
  readonly pool: Pick<Pool, "query">;
}): () => Promise<ReadonlySet<string>> {
  const erased = new Set<string>();
  let after: bigint | undefined;
  let reading: Promise<void> | undefined;
  const read = async () => {
    const known = await lastAccountEvent(stores.eventStore);
    for (const readerId of await readErasures(stores, after)) erased.add(readerId);
    after = known ?? after;
  };
  return async () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading;
    return erased;
  };
}

/** A position at which an event of an account begins, as reading on from there needs. */
async function lastAccountEvent(eventStore: Pick<EventStore, "readAll">): Promise<bigint | undefined> {
  const options = { categories: ["account"], direction: "backwards", maxCount: 1 } as const;
  for await (const { position } of eventStore.readAll(options)) return position;
  return undefined;
}
