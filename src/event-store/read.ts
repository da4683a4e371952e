import {
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  FORWARDS,
  type ResolvedEvent,
  START,
  type StreamingRead,
} from "@eventstore/db-client";
import { isStreamNotFound, readError } from "./clientErrors.ts";
import { EventStoreUnavailable, InvalidPosition } from "./errors.ts";
import { letGo, withoutDestroying } from "./leave.ts";
import { onePosition, toRecordedEvent } from "./recorded.ts";
import type { RecordedEvent } from "./types.ts";

/** How long the first answer of a read may take: the client sets reads no deadline. */
const firstAnswerMs = 5_000;

/** See `EventStore.readStream`. */
export function readStream(
  client: EventStoreDBClient,
  stream: string,
  options: { fromRevision?: bigint; maxCount?: number } = {},
): AsyncIterable<RecordedEvent> {
  const { fromRevision = START, maxCount = Number.MAX_SAFE_INTEGER } = options;
  return consume(() => client.readStream(stream, { direction: FORWARDS, fromRevision, maxCount }), toRecordedEvent);
}

/** See `EventStore.readLogAt`. */
export async function readLogAt(
  client: EventStoreDBClient,
  position: bigint,
): Promise<{ readonly id: string; readonly position: bigint } | undefined> {
  const fromPosition = { commit: position, prepare: position };
  const open = () => client.readAll({ direction: FORWARDS, fromPosition, maxCount: 1 });
  let found: ReturnType<typeof toPlace> | undefined;
  try {
    for await (const place of consume(open, toPlace)) found = place;
  } catch (error) {
    if (!(error instanceof InvalidPosition)) throw error;
  }
  return found;
}

function toPlace({ event }: AllStreamResolvedEvent) {
  if (event === undefined) throw new Error("the event store sent a link without its event");
  return { id: event.id, position: onePosition(event.position) };
}

/**
 * Yields what a read delivers, converted; a missing stream yields nothing. A read that is left early is cancelled: do so
 * rarely, and never after the last event that `maxCount` lets through. HTTP/2 servers take some 1,000 cancelled calls in a
 * burst for an attack (CVE-2023-44487) and close the connection, with every append that is under way on it.
 */
async function* consume<Resolved extends ResolvedEvent | AllStreamResolvedEvent, Result>(
  open: () => StreamingRead<Resolved>,
  convert: (resolved: Resolved) => Result,
): AsyncGenerator<Result> {
  const read = open();
  // The client may emit once more after the loop has ended; without a listener that would end the process.
  read.on("error", () => {});
  const giveUp = () => read.destroy(new EventStoreUnavailable(`no answer to a read in ${firstAnswerMs} ms`));
  const timer = setTimeout(giveUp, firstAnswerMs);
  let ended = false;
  try {
    for await (const resolved of withoutDestroying(read)) {
      clearTimeout(timer);
      yield convert(resolved);
    }
    ended = true;
  } catch (error) {
    if (!isStreamNotFound(error)) throw readError(error);
    ended = true;
  } finally {
    clearTimeout(timer);
    if (!ended) letGo(read, () => read.cancel());
  }
}
