import { isRefusal } from "../../domain/decider.ts";
import type { DomainEvent, EventDefinitions } from "../../domain/event.ts";
import type { NamedCommand, Stream } from "../../domain/stream.ts";
import { nameOf } from "../../domain/streamNames.ts";
import type { RefusalCode } from "../../domain/streams.ts";
import { type Codec, codecOf, InvalidEvent } from "../../event-store/codec.ts";
import type { DecodedEvent, EventStore } from "../../event-store/types.ts";
import type { Logger } from "../../platform/logger.ts";
import { appendSafely } from "../appendSafely.ts";
import { identityOf } from "../commandIdentity.ts";
import { encodeEvents } from "../encodeEvents.ts";
import { ownContext } from "../ownContext.ts";
import { emptyStream, foldEvents } from "../streamState.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

export type DespiteInvalidDependencies = {
  readonly handleCommand: HandleCommand;
  readonly eventStore: Pick<EventStore, "readStream" | "append">;
  readonly logger: Logger;
};

/**
 * Handles a command of an erasure. If an event of the stream does not match its schema, the command is decided on the others: a stored event
 * is never mended, and the erasure must end. Rejects as HandleCommand does, except with InvalidEvent; with WrongExpectedRevision, if
 * another command came in between.
 */
export async function handleDespiteInvalid<
  State,
  Command extends NamedCommand,
  Definitions extends EventDefinitions,
  Code extends RefusalCode,
  Id extends string,
>(
  deps: DespiteInvalidDependencies,
  stream: Stream<State, Command, Definitions, Code, Id>,
  id: NoInfer<Id>,
  command: NoInfer<Command>,
): Promise<Pick<CommandResult, "events" | "revision">> {
  const context = ownContext({});
  try {
    return await deps.handleCommand(stream, id, command, context);
  } catch (error) {
    if (!(error instanceof InvalidEvent)) throw error;
    const name = nameOf(stream, id);
    const result = await decideOnReadable(deps.eventStore, stream, name, command, context);
    // A stream whose rows are removed is decided again until nothing is left: one line for it.
    if (result.events.length === 0 || stream.erasureCommand === undefined) {
      deps.logger.error({ err: error, stream: name }, "a stream is erased that has invalid events; they were left out");
    }
    return result;
  }
}

/** Decides on the events that match their schemas, and appends after the last one. */
async function decideOnReadable<
  State,
  Command extends NamedCommand,
  Definitions extends EventDefinitions,
  Code extends RefusalCode,
>(
  eventStore: DespiteInvalidDependencies["eventStore"],
  { events: definitions, decider }: Stream<State, Command, Definitions, Code>,
  name: string,
  command: Command,
  context: CommandContext,
): Promise<Pick<CommandResult, "events" | "revision">> {
  const codec = codecOf(definitions);
  const read: Read = { revision: null };
  const readable = readableEvents(eventStore, codec, name, read);
  const { state } = await foldEvents(decider, emptyStream(name, decider.initialState), readable);
  const decision = decider.decide(command, state);
  if (isRefusal(decision) || decision.length === 0) return { events: [], revision: read.revision };
  const events = encodeEvents(codec, name, decision, identityOf(name, command.type, context), context);
  const { revision } = await appendSafely(eventStore, name, read.revision ?? "no_stream", events);
  return { events: decision.map(({ type }) => type), revision };
}

/** The revision of the last event read, invalid or not; null before the first. */
type Read = { revision: bigint | null };

/** The events of a stream without those that do not match their schema. Notes in `read` what has been read. */
async function* readableEvents<Event extends DomainEvent>(
  eventStore: Pick<EventStore, "readStream">,
  codec: Codec<Event>,
  name: string,
  read: Read,
): AsyncGenerator<DecodedEvent<Event>> {
  for await (const recorded of eventStore.readStream(name)) {
    read.revision = recorded.revision;
    try {
      yield codec.decode(recorded);
    } catch (error) {
      if (!(error instanceof InvalidEvent)) throw error;
    }
  }
}
