import type { EventStore, RecordedEvent } from "./types.ts";
import type { Connection } from "./wire/connection.ts";
import { read } from "./wire/reading.ts";
import { encodeStreamRead } from "./wire/readRequest.ts";

/** See `EventStore.readStream`. */
export function readStream(
  connection: Connection,
  stream: string,
  options: Parameters<EventStore["readStream"]>[1] = {},
): AsyncIterable<RecordedEvent> {
  const { direction = "forwards", maxCount = Number.MAX_SAFE_INTEGER, signal } = options;
  const { fromRevision: start = direction === "forwards" ? "start" : "end" } = options;
  return read({
    connection,
    request: encodeStreamRead({ stream, start, direction, maxCount }),
    convert: (response) => (response.kind === "event" ? response.event : undefined),
    maxCount,
    signal,
  });
}
