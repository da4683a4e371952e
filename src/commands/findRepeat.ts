import { type CommandIdentity, requireSameCommand } from "./commandIdentity.ts";
import type { KnownCommand } from "./knownCommands.ts";
import { resultOf } from "./results.ts";
import type { CommandContext, CommandResult } from "./types.ts";

type Maybe<Value> = Value | undefined | Promise<Value | undefined>;

/**
 * The result of a command that was sent before, if `earlier` is what the stream knows under its id; undefined if it is new. A Promise only
 * if `earlier` is one: a new command is decided in the same turn. Throws or rejects with IdempotencyKeyReused.
 */
export function findRepeat(
  stream: string,
  earlier: Maybe<KnownCommand>,
  identity: CommandIdentity,
  context: CommandContext,
): Maybe<CommandResult> {
  if (earlier === undefined) return undefined;
  if (earlier instanceof Promise) return earlier.then((read) => read && repeated(stream, read, identity, context));
  return repeated(stream, earlier, identity, context);
}

function repeated(
  stream: string,
  earlier: KnownCommand,
  identity: CommandIdentity,
  context: CommandContext,
): CommandResult {
  requireSameCommand(earlier.hash, identity, context);
  return resultOf(stream, earlier, "repeated");
}
