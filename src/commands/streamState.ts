import type { Decider } from "../domain/decider.ts";
import type { DomainEvent } from "../domain/event.ts";
import { partitionKeyOf } from "../domain/partitionKeys.ts";
import type { Appended, EventMetadata } from "../event-store/types.ts";
import type { CommandIdentity } from "./commandIdentity.ts";
import { type KnownCommand, KnownCommands } from "./knownCommands.ts";

/**
 * A stream folded up to `revision`. `eventId`, `position` and `books` are those of its last event; null and empty if it has none. `readAt`
 * is when its last read started, by the reader's logical clock; 0 if it was never read.
 */
export type StreamState<State> = {
  readonly stream: string;
  readonly state: State;
  readonly revision: bigint | null;
  readonly eventId: string | null;
  readonly position: bigint | null;
  readonly books: readonly string[];
  readonly known: KnownCommands;
  readonly readAt: number;
};

type Evolving<State, Event extends DomainEvent> = Pick<Decider<State, never, Event>, "evolve" | "fold">;

/** The number of events that are buffered while a stream is folded. */
const foldedAtOnce = 1_000;

/** An event with what the fold needs. Foreign events may have no command id. */
type Folded<Event extends DomainEvent> = Event & {
  readonly id: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly metadata: Partial<Pick<EventMetadata, "commandId" | "commandHash">>;
};

export function emptyStream<State>(stream: string, initialState: State): StreamState<State> {
  return {
    stream,
    state: initialState,
    revision: null,
    eventId: null,
    position: null,
    books: [],
    known: new KnownCommands(),
    readAt: 0,
  };
}

/** Folds further events of the stream, in order. `before` is not modified, so that an aborted read has no effect. */
export async function foldEvents<State, Event extends DomainEvent>(
  decider: Evolving<State, Event>,
  before: StreamState<State>,
  events: AsyncIterable<Folded<Event>> | Iterable<Folded<Event>>,
): Promise<StreamState<State>> {
  let { state, revision, eventId, position, books } = before;
  let known: KnownCommands | undefined;
  let unfolded: Event[] = [];
  for await (const event of events) {
    known ??= before.known.copy();
    if (unfolded.push(event) === foldedAtOnce) {
      state = fold(decider, state, unfolded);
      unfolded = [];
    }
    books = booksOf(before.stream, [event]);
    rememberEvent(known, event, books, revision);
    ({ revision, position, id: eventId } = event);
  }
  if (known === undefined) return before;
  state = fold(decider, state, unfolded);
  return { ...before, state, revision, eventId, position, books, known };
}

function fold<State, Event extends DomainEvent>(
  decider: Evolving<State, Event>,
  before: State,
  events: readonly Event[],
): State {
  if (decider.fold !== undefined) return decider.fold(before, events);
  return events.reduce<State>((folded, event) => decider.evolve(folded, event), before);
}

/** Events that this process has just appended: the command, where the last one is, and its id. */
type JustAppended = {
  readonly identity: CommandIdentity;
  readonly appended: Appended;
  readonly eventId: string | null;
};

/**
 * Folds the events that this process has just appended; `written` is what the stream remembers of their command. Reuses the known
 * commands of `before`, which must not be used afterwards.
 */
export function foldAppended<State, Event extends DomainEvent>(
  decider: Evolving<State, Event>,
  before: StreamState<State>,
  events: readonly Event[],
  { identity, appended, eventId }: JustAppended,
): { readonly folded: StreamState<State>; readonly written: KnownCommand } {
  const { stream, known } = before;
  const { commandId, commandHash } = identity;
  const { revision, position } = appended;
  const books = booksOf(stream, events);
  const written = { hash: commandHash, revision, position, types: events.map(typeOf), books };
  known.remember(commandId, written);
  const folded = {
    ...before,
    state: fold(decider, before.state, events),
    revision,
    eventId,
    position,
    books: events.length === 1 ? books : booksOf(stream, events.slice(-1)),
  };
  return { folded, written };
}

/** Adjacent events with the same command id belong to one command. */
function rememberEvent(
  known: KnownCommands,
  { type, revision, position, metadata }: Folded<DomainEvent>,
  books: readonly string[],
  before: bigint | null,
): void {
  const { commandId, commandHash } = metadata;
  if (typeof commandId !== "string" || typeof commandHash !== "string") return;
  const earlier = known.find(commandId);
  const begun = earlier?.hash === commandHash && earlier.revision === before ? earlier : undefined;
  known.remember(commandId, {
    hash: commandHash,
    revision,
    position,
    types: [...(begun?.types ?? []), type],
    books: begun === undefined ? books : [...new Set([...begun.books, ...books])],
  });
}

function booksOf(stream: string, events: readonly DomainEvent[]): readonly string[] {
  const books: string[] = [];
  for (const { data } of events) {
    const book = partitionKeyOf("book", stream, data);
    if (book !== undefined && !books.includes(book)) books.push(book);
  }
  return books;
}

const typeOf = (event: DomainEvent) => event.type;
