import { InvalidPosition } from "./errors.ts";
import { prefixesOf } from "./prefixes.ts";
import type { Arriving, EventStore, RecordedEvent } from "./types.ts";
import type { Connection } from "./wire/connection.ts";
import { read } from "./wire/reading.ts";
import { encodeLogRead } from "./wire/readRequest.ts";

/** See `EventStore.readAll`. */
export function readAll(
  connection: Connection,
  options: NonNullable<Parameters<EventStore["readAll"]>[0]> = {},
): Arriving<RecordedEvent> {
  const { direction = "forwards", maxCount = Number.MAX_SAFE_INTEGER, categories = [], detail, signal } = options;
  const { fromPosition: start = direction === "forwards" ? "start" : "end" } = options;
  return read({
    connection,
    request: encodeLogRead({ start, direction, maxCount, prefixes: prefixesOf(categories) }),
    convert: (response) => (response.kind === "event" ? response.event : undefined),
    maxCount,
    isFiltered: categories.length > 0,
    detail,
    signal,
  });
}

/** See `EventStore.readLogAt`. */
export async function readLogAt(connection: Connection, position: bigint) {
  let found: { readonly id: string; readonly position: bigint } | undefined;
  try {
    for await (const event of readAll(connection, { fromPosition: position, maxCount: 1 }))
      found = { id: event.id, position: event.position };
  } catch (error) {
    if (!(error instanceof InvalidPosition)) throw error;
  }
  return found;
}

/** See `EventStore.readLogEnd`. */
export async function readLogEnd(connection: Connection): Promise<bigint | undefined> {
  let end: bigint | undefined;
  for await (const { position } of readAll(connection, { direction: "backwards", maxCount: 1 })) end = position;
  return end;
}
