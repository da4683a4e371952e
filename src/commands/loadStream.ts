import type { Decider } from "../domain/decider.ts";
import type { DomainEvent } from "../domain/event.ts";
import type { Codec } from "../event-store/codec.ts";
import type { DecodedEvent, EventMetadata, EventStore, RecordedEvent } from "../event-store/types.ts";
import type { Snapshot, Snapshots } from "./snapshots/snapshots.ts";
import { emptyStream, foldEvents, type StreamState } from "./streamState.ts";

export type StreamReader<Event extends DomainEvent> = {
  readonly eventStore: Pick<EventStore, "readStream">;
  /** The codec of the stream's own events. */
  readonly codec: Codec<Event>;
  readonly snapshots?: Snapshots | undefined;
  /** The number of last events that make the state; all if undefined. */
  readonly window?: number | undefined;
};

/** The functions of a decider that fold events. */
export type Folding<State, Event extends DomainEvent> = Pick<
  Decider<State, never, Event>,
  "initialState" | "evolve" | "fold" | "snapshot"
>;

/** Streams with fewer events are folded without looking for a snapshot. */
const shortStream = 200;

/**
 * Loads the state of a stream: from its snapshot if it is long and has one, or from its last events if it has a window. Rejects
 * with EventStoreUnavailable, UnknownEvent or InvalidEvent.
 */
export async function loadStream<State, Event extends DomainEvent>(
  reader: StreamReader<Event>,
  decider: Folding<State, Event>,
  stream: string,
): Promise<StreamState<State>> {
  const { snapshots, window } = reader;
  if (window !== undefined) return readWindow(reader, decider, stream, window);
  const empty = emptyStream(stream, decider.initialState);
  if (snapshots === undefined || decider.snapshot === undefined) return readNewEvents(reader, decider, empty);
  const begun = await readNewEvents(reader, decider, empty, shortStream);
  if (nextRevision(begun) < shortStream) return begun;
  const snapshot = await snapshots.load(stream, decider.snapshot);
  return (snapshot && (await continueFromSnapshot(reader, decider, snapshot))) ?? readNewEvents(reader, decider, begun);
}

/** Folds the last `window` events. A command that also wrote the event before them is not known whole, and not remembered. */
export async function readWindow<State, Event extends DomainEvent>(
  { eventStore, codec }: StreamReader<Event>,
  decider: Folding<State, Event>,
  stream: string,
  window: number,
): Promise<StreamState<State>> {
  const latestFirst: RecordedEvent[] = [];
  for await (const recorded of eventStore.readStream(stream, { direction: "backwards", maxCount: window + 1 })) {
    latestFirst.push(recorded);
  }
  const before = latestFirst.length > window ? latestFirst.pop() : undefined;
  const events = latestFirst.reverse().map((recorded) => codec.decode(recorded));
  const read = await foldEvents(decider, emptyStream(stream, decider.initialState), events);
  const cut = commandIdOf(before);
  if (cut !== undefined && cut === commandIdOf(events[0])) read.known.forgetOldest(cut);
  return read;
}

/** Events that others wrote may have any JSON as metadata. */
function commandIdOf(event: Pick<RecordedEvent, "metadata"> | undefined): string | undefined {
  return (event?.metadata as Partial<EventMetadata> | null | undefined)?.commandId;
}

/** Folds the events after the snapshot; undefined if the event at the snapshot's revision has another id. */
async function continueFromSnapshot<State, Event extends DomainEvent>(
  { eventStore, codec, snapshots }: StreamReader<Event>,
  decider: Folding<State, Event>,
  { state, revision, eventId }: Snapshot<State>,
): Promise<StreamState<State> | undefined> {
  const events = eventStore.readStream(state.stream, { fromRevision: revision })[Symbol.asyncIterator]();
  const first = await events.next();
  if (first.done || first.value.id !== eventId || first.value.revision !== revision) {
    await events.return?.();
    snapshots?.reject(state.stream, revision, eventId);
    return undefined;
  }
  return foldEvents(decider, state, decodeAll(codec, { [Symbol.asyncIterator]: () => events }));
}

/** Folds the events after `state` that can be read now, at most `maxCount`. */
export function readNewEvents<State, Event extends DomainEvent>(
  { eventStore, codec }: StreamReader<Event>,
  decider: Folding<State, Event>,
  state: StreamState<State>,
  maxCount?: number,
): Promise<StreamState<State>> {
  const fromRevision = nextRevision(state);
  const events = eventStore.readStream(
    state.stream,
    maxCount === undefined ? { fromRevision } : { fromRevision, maxCount },
  );
  return foldEvents(decider, state, decodeAll(codec, events));
}

/** The revision of the first event that the state lacks. */
export function nextRevision({ revision }: StreamState<unknown>): bigint {
  return revision === null ? 0n : revision + 1n;
}

/** Decodes what `readStream` reads. Rejects as it does, or with UnknownEvent or InvalidEvent. */
export async function* decodeAll<Event extends DomainEvent>(
  codec: Codec<Event>,
  events: ReturnType<EventStore["readStream"]>,
): AsyncGenerator<DecodedEvent<Event>> {
  for await (const recorded of events) yield codec.decode(recorded);
}
