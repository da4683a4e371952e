import type { DomainEvent } from "../domain/event.ts";
import { OutcomeUnknown } from "../event-store/errors.ts";
import type { CommandPlace, KnownCommand } from "./knownCommands.ts";
import { decodeAll, type StreamReader } from "./loadStream.ts";
import { onceReadable } from "./onceReadable.ts";
import { emptyStream, foldEvents, type StreamState } from "./streamState.ts";

/**
 * Reads what an older command wrote; undefined if there is none with this id, at once if no fingerprint is the same. Rejects like
 * `loadStream`, or with OutcomeUnknown if its events cannot be read yet.
 */
export function readOlderCommand<Event extends DomainEvent>(
  reader: StreamReader<Event>,
  { stream, known }: Pick<StreamState<unknown>, "stream" | "known">,
  commandId: string,
): Promise<KnownCommand | undefined> | undefined {
  const places = known.placesOf(commandId);
  return places.length === 0 ? undefined : readAt(reader, stream, commandId, places);
}

async function readAt<Event extends DomainEvent>(
  { eventStore, codec }: StreamReader<Event>,
  stream: string,
  commandId: string,
  places: readonly CommandPlace[],
): Promise<KnownCommand | undefined> {
  for (const { revision, events } of places) {
    const range = { fromRevision: revision - BigInt(events) + 1n, maxCount: events };
    const known = await onceReadable(async () => {
      const written = decodeAll(codec, eventStore.readStream(stream, range));
      const read = await foldEvents({ evolve: () => undefined }, emptyStream(stream, undefined), written);
      return read.revision === revision ? read.known : undefined;
    });
    if (known === undefined) throw new OutcomeUnknown(`revision ${revision} of ${stream} cannot be read yet`);
    const command = known.find(commandId);
    if (command !== undefined) return command;
  }
  return undefined;
}
