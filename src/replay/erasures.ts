import { idOf } from "../domain/streams.ts";
import type { EventStore } from "../event-store/types.ts";
import type { Pool } from "../platform/postgres.ts";

/**
 * Reads the readers who are erased or about to be, in the log after `after` and in Postgres, where an account is marked before
 * its streams are deleted. None of their data may be shown. `onEvent` is called for each event that is passed. Rejects with the
 * signal's reason when it is aborted.
 */
export async function readErasures(
  { eventStore, pool }: { readonly eventStore: Pick<EventStore, "readAll">; readonly pool: Pick<Pool, "query"> },
  after: bigint | undefined,
  signal?: AbortSignal,
  onEvent: (position: bigint) => void = () => {},
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ reader_id: string }>(
    "SELECT reader_id FROM accounts WHERE erased_at IS NOT NULL",
  );
  const erased = new Set(rows.map(({ reader_id }) => reader_id));
  const options = {
    categories: ["account"] as const,
    detail: "essential" as const,
    ...(after === undefined ? {} : { fromPosition: after }),
    ...(signal === undefined ? {} : { signal }),
  };
  for await (const { type, stream, position } of eventStore.readAll(options)) {
    if (type === "ReaderErased") erased.add(idOf(stream));
    onEvent(position);
  }
  signal?.throwIfAborted();
  return erased;
}
