import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import type { CommandResult } from "../commands/types.ts";
import { type ProjectionsParkedDeps, readModelArgument } from "./projectionsParked.ts";
import { oneLine } from "./table.ts";

export type ProjectionsSkipDeps = ProjectionsParkedDeps & {
  /** Rejects when no key is parked because of the event, or when it is refused no more. */
  readonly skipParked: (skip: {
    readonly readModel: string;
    readonly eventId: string;
    readonly reason: string;
  }) => Promise<CommandResult>;
};

const help = `
What the event would have changed in the read model is lost for good: every build leaves it out, rebuilds too, and the events
that waited behind it are folded without it. The log keeps the event, and that it was skipped, by whom and why. Only an
event that is refused now, and that a key is parked because of, can be skipped. Try a mended release first.

Example:
  heima projections skip shelf --event 7c9e6679-7425-40de-944b-e07fc1f90ae7 --reason "a book id of the old import"`;

/** Adds `heima projections skip`. */
export function addProjectionsSkip(projections: Command, deps: ProjectionsSkipDeps): void {
  projections
    .command("skip")
    .description("leave a parked event out of a read model for good")
    .addArgument(readModelArgument("<name>"))
    .requiredOption("--event <id>", "the event's id, as `heima projections parked` shows it", parseEventId)
    .requiredOption("--reason <text>", "why, for those who ask later; 1 to 500 characters", parseReason)
    .addHelpText("after", help)
    .action(async (readModel: string, options: { event: string; reason: string }) => {
      for await (const parked of deps.parkedKeys([readModel])) {
        const { build, type, stream, position, key, events, eventId } = parked;
        if (eventId !== options.event) continue;
        const lost = oneLine(`what ${type} of ${stream} at ${position} would change for ${key}`);
        deps.stdout.write(`${build} loses ${lost}; ${events - 1} later events are folded without it\n`);
      }
      const { events } = await deps.skipParked({ readModel, eventId: options.event, reason: options.reason });
      const done = events.length > 0 ? "skipped" : "was skipped before";
      deps.stdout.write(`${options.event}: ${done}\n`);
    });
}

function parseEventId(value: string): string {
  const parsed = z.uuid().safeParse(value.toLowerCase());
  if (!parsed.success) throw new InvalidArgumentError("It must be a UUID.");
  return parsed.data;
}

function parseReason(value: string): string {
  const reason = value.trim();
  if (reason === "" || reason.length > 500) throw new InvalidArgumentError("It must have 1 to 500 characters.");
  return reason;
}
