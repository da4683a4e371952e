import { accountStream } from "../../domain/account/stream.ts";
import type { EventDefinitions } from "../../domain/event.ts";
import type { NamedCommand, Stream } from "../../domain/stream.ts";
import { nameOf } from "../../domain/streamNames.ts";
import { type RefusalCode, readerStreams } from "../../domain/streams.ts";
import { OutcomeUnknown, StreamDeleted, WrongExpectedRevision } from "../../event-store/errors.ts";
import type { EventStore, ExpectedRevision } from "../../event-store/types.ts";
import { StreamBusy } from "../errors.ts";
import type { CachingHandleCommand } from "../types.ts";
import { type DespiteInvalidDependencies, handleDespiteInvalid } from "./handleDespiteInvalid.ts";

export type EraseStreamsDependencies = DespiteInvalidDependencies & {
  readonly handleCommand: CachingHandleCommand;
  readonly eventStore: Pick<EventStore, "tombstone">;
};

type ReaderStream = Stream<unknown, NamedCommand, EventDefinitions, RefusalCode>;

/** All streams that have a reader's id, so that a new kind of stream is erased too; the account stays and records the erasure. */
const erased = readerStreams.filter(
  ({ category }) => category !== accountStream.category,
) as readonly unknown[] as readonly ReaderStream[];

/** Commands in flight may still move the revision, but no new ones are accepted, so conflicts end soon. */
const maxConflicts = 100;
const maxUnanswered = 3;

/**
 * Withdraws what a reader's streams contribute to counts, and deletes each stream at exactly the revision at which that was
 * done; after a conflict, tries again. May be repeated: a deleted stream stays deleted. `mayGoOn` throws if another process may
 * be erasing. Rejects with StreamBusy, or as handleDespiteInvalid does.
 */
export async function eraseStreams(
  deps: EraseStreamsDependencies,
  readerId: string,
  mayGoOn: () => void = () => {},
): Promise<void> {
  for (const stream of erased) {
    const name = nameOf(stream, readerId);
    await eraseStream(deps, stream, readerId, mayGoOn);
    deps.handleCommand.forget(name);
  }
}

/** Records the erasure as the last event of the account's stream. Rejects as handleDespiteInvalid does. */
export async function recordErasure(deps: DespiteInvalidDependencies, readerId: string): Promise<void> {
  await handleDespiteInvalid(deps, accountStream, readerId, { type: "EraseReader" });
}

async function eraseStream(
  deps: EraseStreamsDependencies,
  stream: ReaderStream,
  readerId: string,
  mayGoOn: () => void,
): Promise<void> {
  const name = nameOf(stream, readerId);
  let unanswered = 0;
  for (let conflicts = 0; conflicts <= maxConflicts; ) {
    try {
      const revision = await clearedAt(deps, stream, readerId);
      mayGoOn();
      return await deps.eventStore.tombstone(name, revision);
    } catch (error) {
      if (error instanceof StreamDeleted) return;
      if (error instanceof OutcomeUnknown && ++unanswered <= maxUnanswered) continue;
      if (!(error instanceof WrongExpectedRevision)) throw error;
      conflicts++;
    }
  }
  throw new StreamBusy(`${name} has other writers: ${maxConflicts} conflicts`);
}

/** The revision at which the stream no longer contributes to any count. */
async function clearedAt(
  deps: EraseStreamsDependencies,
  stream: ReaderStream,
  readerId: string,
): Promise<ExpectedRevision> {
  const { erasureCommand } = stream;
  if (erasureCommand !== undefined) {
    for (;;) {
      const { events, revision } = await handleDespiteInvalid(deps, stream, readerId, erasureCommand);
      if (events.length === 0) return revision ?? "no_stream";
    }
  }
  const last = deps.eventStore.readStream(nameOf(stream, readerId), { direction: "backwards", maxCount: 1 });
  for await (const { revision } of last) return revision;
  return "no_stream";
}
