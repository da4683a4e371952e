import type { DomainEvent } from "../domain/event.ts";
import { OutcomeUnknown, WrongExpectedRevision } from "../event-store/errors.ts";
import type { EventStore } from "../event-store/types.ts";
import { StreamBusy } from "./errors.ts";
import { type Folding, nextRevision, readNewEvents, readWindow, type StreamReader } from "./loadStream.ts";
import { onceReadable } from "./onceReadable.ts";
import { emptyStream, type StreamState } from "./streamState.ts";

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
