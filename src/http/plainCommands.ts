import type { z } from "zod";
import type { HandleCommand } from "../commands/types.ts";
import type { EventDefinitions } from "../domain/event.ts";
import type { NamedCommand, Stream } from "../domain/stream.ts";
import type { RefusalCode } from "../domain/streams.ts";
import { type CommandDeclaration, commandEndpoint } from "./commandEndpoint.ts";
import type { Endpoint, Nothing } from "./endpoint.ts";

/** The fields of the command with this name, without its type. */
type FieldsOf<Command extends NamedCommand, Name extends string> = Command extends unknown
  ? Name extends Command["type"]
    ? Omit<Command, "type">
    : never
  : never;

type PlainDeclaration<
  Command extends NamedCommand,
  Name extends Command["type"],
  Code extends RefusalCode,
  Params extends z.ZodType,
  Body extends z.ZodType,
> = Omit<CommandDeclaration<Command, Code, FieldsOf<Command, Name>, Params, Body>, "stream" | "command" | "run"> & {
  readonly command: Name;
};

/** Endpoints of commands that consist of the client's input, on a stream of the reader who sends them. */
export function plainCommands<
  State,
  Command extends NamedCommand,
  Definitions extends EventDefinitions,
  Code extends RefusalCode,
>(stream: Stream<State, Command, Definitions, Code>, handleCommand: HandleCommand) {
  return <Name extends Command["type"], Params extends z.ZodType = Nothing, Body extends z.ZodType = Nothing>(
    declaration: PlainDeclaration<Command, Name, Code, Params, Body>,
  ): Endpoint =>
    commandEndpoint<Command, Code, FieldsOf<Command, Name>, Params, Body>({
      ...declaration,
      stream,
      run(readerId, sent, context) {
        // Recombine type and fields into a member of the union.
        const command = { type: declaration.command, ...sent } as unknown as Command;
        return handleCommand(stream, readerId, command, context);
      },
    });
}
