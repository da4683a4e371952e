import { setTimeout as sleep } from "node:timers/promises";
import type { Decider } from "../domain/decider.ts";
import type { DomainEvent } from "../domain/event.ts";
import type { Codec } from "../event-store/codec.ts";
import { OutcomeUnknown, WrongExpectedRevision } from "../event-store/errors.ts";
import type { DecodedEvent, EventMetadata, EventStore, RecordedEvent } from "../event-store/types.ts";
import { StreamBusy } from "./errors.ts";
import type { CommandPlace, KnownCommand } from "./knownCommands.ts";
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
async function readWindow<State, Event extends DomainEvent>(
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
function readNewEvents<State, Event extends DomainEvent>(
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

/**
 * Brings a cached state up to date. Usually no other process wrote, and an append of no events at the state's revision
 * confirms that: it is batched with other appends and costs both sides a third of a read. It changes nothing; with
 * another revision it fails as an append does. If it fails or is not answered, the stream is read.
 */
export async function refresh<State, Event extends DomainEvent>(
  reader: StreamReader<Event> & { readonly eventStore: Pick<EventStore, "append"> },
  decider: Folding<State, Event>,
  state: StreamState<State>,
): Promise<StreamState<State>> {
  if (state.revision === null) return readNewEvents(reader, decider, state);
  try {
    await reader.eventStore.append(state.stream, state.revision, []);
    return state;
  } catch (error) {
    if (error instanceof WrongExpectedRevision) return readUpTo(reader, decider, state, error.actual);
    if (error instanceof OutcomeUnknown) return readNewEvents(reader, decider, state);
    throw error;
  }
}

/** Maximum time until the end of a stream is readable, and the first pause between two reads; the pause doubles. */
const tailPatienceMs = 2_000;
const firstPauseMs = 5;

/**
 * Reads up to `revision`, which a conflict reported: the event store may report it some milliseconds before it can be read. A
 * revision below the state's means that the log was replaced; then the stream is read from the beginning. Rejects with
 * StreamBusy.
 */
export async function readUpTo<State, Event extends DomainEvent>(
  reader: StreamReader<Event>,
  decider: Folding<State, Event>,
  state: StreamState<State>,
  revision: bigint | "no_stream",
): Promise<StreamState<State>> {
  const named = revision === "no_stream" ? -1n : revision;
  const behind = named + 1n - nextRevision(state);
  const { window } = reader;
  let read = behind < 0n ? emptyStream(state.stream, decider.initialState) : state;
  if (window !== undefined && (behind < 0n || behind > window)) {
    read = await readWindow(reader, decider, state.stream, window);
  }
  const found = await onceReadable(async () => {
    read = await readNewEvents(reader, decider, read);
    return nextRevision(read) > named ? read : undefined;
  });
  if (found === undefined) throw new StreamBusy(`revision ${named} of ${state.stream} cannot be read yet`);
  return found;
}

/** Reads repeatedly until there is a result; undefined if there is none in time. */
async function onceReadable<Read>(read: () => Promise<Read | undefined>): Promise<Read | undefined> {
  const giveUpAt = Date.now() + tailPatienceMs;
  for (let pause = firstPauseMs; ; pause *= 2) {
    const found = await read();
    if (found !== undefined || Date.now() + pause > giveUpAt) return found;
    await sleep(pause);
  }
}

function nextRevision({ revision }: StreamState<unknown>): bigint {
  return revision === null ? 0n : revision + 1n;
}

async function* decodeAll<Event extends DomainEvent>(
  codec: Codec<Event>,
  events: ReturnType<EventStore["readStream"]>,
): AsyncGenerator<DecodedEvent<Event>> {
  for await (const recorded of events) yield codec.decode(recorded);
}
