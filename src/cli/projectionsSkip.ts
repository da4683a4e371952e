import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import type { CommandResult } from "../commands/types.ts";
import { type ProjectionsParkedDependencies, readModelArgument } from "./projectionsParked.ts";
import { oneLine } from "./table.ts";

export type ProjectionsSkipDependencies = ProjectionsParkedDependencies & {
  /** Rejects if no key is parked because of the event, or if the event is no longer refused. */
  readonly skipParked: (skip: {
    readonly readModel: string;
    readonly eventId: string;
    readonly reason: string;
  }) => Promise<CommandResult>;
};

const help = `
The event's effect on the read model is lost permanently: every build skips it, including rebuilds, and the later events of
its key are applied without it. The log keeps the event, and records who skipped it and why. Only the first parked event of a
key can be skipped, and only while it is still refused. Try a fixed release first.

Example:
  heima projections skip shelf --event 7c9e6679-7425-40de-944b-e07fc1f90ae7 --reason "a book id of the old import"`;

/** Adds `heima projections skip`. */
export function addProjectionsSkip(projections: Command, deps: ProjectionsSkipDependencies): void {
  projections
    .command("skip")
    .description("skip a parked event permanently in a read model")
    .addArgument(readModelArgument("<name>"))
    .requiredOption("--event <id>", "the event's id, as `heima projections parked` shows it", parseEventId)
    .requiredOption("--reason <text>", "the reason, for the record; 1 to 500 characters", parseReason)
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
