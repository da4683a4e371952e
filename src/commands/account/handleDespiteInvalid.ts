import { isRefusal } from "../../domain/decider.ts";
import type { EventDefinitions } from "../../domain/event.ts";
import type { NamedCommand, Stream } from "../../domain/stream.ts";
import { nameOf } from "../../domain/streamNames.ts";
import type { RefusalCode } from "../../domain/streams.ts";
import { codecOf, InvalidEvent } from "../../event-store/codec.ts";
import type { EventStore } from "../../event-store/types.ts";
import type { Logger } from "../../platform/logger.ts";
import { appendSafely } from "../appendSafely.ts";
import { identityOf } from "../commandIdentity.ts";
import { encodeEvents } from "../encodeEvents.ts";
import { ownContext } from "../ownContext.ts";
import { emptyStream, foldEvents } from "../streamState.ts";
import type { CommandResult, HandleCommand } from "../types.ts";

export type DespiteInvalidDependencies = {
  readonly handleCommand: HandleCommand;
  readonly eventStore: Pick<EventStore, "readStream" | "append">;
  readonly logger: Logger;
};

/** The pauses before each retry of an append whose outcome is unknown, in milliseconds. */
const repeatPausesMs = [100, 300, 900];

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
  const { eventStore, logger } = deps;
  try {
    return await deps.handleCommand(stream, id, command, context);
  } catch (error) {
    if (!(error instanceof InvalidEvent)) throw error;
    const name = nameOf(stream, id);
    const codec = codecOf(stream.events);
    let last: bigint | null = null;
    const readable = async function* () {
      for await (const recorded of eventStore.readStream(name)) {
        last = recorded.revision;
        try {
          yield codec.decode(recorded);
        } catch (unreadable) {
          if (!(unreadable instanceof InvalidEvent)) throw unreadable;
        }
      }
    };
    const { decider } = stream;
    const { state } = await foldEvents(decider, emptyStream(name, decider.initialState), readable());
    const decision = decider.decide(command, state);
    const isLast = isRefusal(decision) || decision.length === 0;
    // A stream whose rows are removed is decided again until nothing is left: one line for it.
    if (isLast || stream.erasureCommand === undefined) {
      logger.error({ err: error, stream: name }, "a stream is erased that has invalid events; they were left out");
    }
    if (isLast) return { events: [], revision: last };
    const events = encodeEvents(codec, name, decision, identityOf(name, command.type, context), context);
    const { revision } = await appendSafely(eventStore, name, last ?? "no_stream", events, repeatPausesMs);
    return { events: decision.map(({ type }) => type), revision };
  }
}
