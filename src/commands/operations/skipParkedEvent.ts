import { skipsStream } from "../../domain/operations/streams.ts";
import { ParkedEventNotFound, ParkedEventNotRefused } from "../errors.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../types.ts";

/**
 * The state of an event in the builds of a read model. `refused`: a key is parked because of it, and applying it still fails;
 * `accepted`: it can be applied now; `skipped`: it was skipped before; undefined: no key is parked because of it.
 */
export type ParkedEventState =
  | { readonly state: "refused" | "accepted" | "skipped"; readonly position: bigint }
  | undefined;

export type SkipParkedEventDependencies = {
  readonly handleCommand: HandleCommand;
  readonly parkedEvent: (readModel: string, eventId: string) => Promise<ParkedEventState>;
  /** Applies the events parked behind a skipped event, in every build of the read model. */
  readonly retrySkipped: (readModel: string, eventId: string) => Promise<unknown>;
};

/**
 * Skips an event permanently in every build of a read model, including future ones; later events of its key are applied without
 * it. The event in the log is decisive: if this process dies after appending it, a retry of the key completes the skip. Rejects
 * with ParkedEventNotFound, ParkedEventNotRefused, or as HandleCommand does.
 */
export async function skipParkedEvent(
  { handleCommand, parkedEvent, retrySkipped }: SkipParkedEventDependencies,
  skip: {
    readonly readModel: string;
    readonly eventId: string;
    /** A reader's id, or the name of the operator's tool. */
    readonly skippedBy: string;
    readonly reason: string;
  },
  context: CommandContext,
): Promise<CommandResult> {
  const { readModel, eventId } = skip;
  const found = await parkedEvent(readModel, eventId);
  if (found === undefined) {
    throw new ParkedEventNotFound(`No key of ${readModel} is parked because of event ${eventId}.`);
  }
  if (found.state === "accepted") {
    throw new ParkedEventNotRefused(`Event ${eventId} is no longer refused: retry its key instead.`);
  }
  const command = { type: "SkipParkedEvent", ...skip, position: found.position } as const;
  const result = await handleCommand(skipsStream, "projections", command, context);
  await retrySkipped(readModel, eventId);
  return result;
}
