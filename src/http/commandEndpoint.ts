import { randomUUID } from "node:crypto";
import { z } from "zod";
import { requestHash } from "../commands/commandHash.ts";
import type { CommandContext, CommandResult } from "../commands/types.ts";
import type { EventDefinitions } from "../domain/event.ts";
import type { NamedCommand, Stream } from "../domain/stream.ts";
import type { RefusalCode } from "../domain/streams.ts";
import { commandContext } from "./commandContext.ts";
import { type Answer, type Declaration, type Endpoint, endpoint } from "./endpoint.ts";
import { idempotencyKey } from "./fields.ts";
import type { ProblemCode } from "./problems.ts";

const headers = z.object({ "Idempotency-Key": idempotencyKey });

/** What every command answers; `events` are the types written, none when nothing had to change. */
const response = z
  .strictObject({
    position: z
      .string()
      .regex(/^\d+$/)
      .nullable()
      .meta({ description: "The place in the event log of the last event, written now or before." }),
    revision: z.int().nonnegative().nullable().meta({ description: "The place in the stream of the same event." }),
    events: z.array(z.string()).meta({ description: "The types written; none when nothing had to change." }),
    adjusted: z.array(z.uuid()).optional().meta({
      description: "Of progress: the ids of the entries sent whose readAt is too far ahead; the server's time counts.",
    }),
  })
  .meta({ id: "CommandAnswer", description: "What every command answers." });

const nothing = z.strictObject({});
type Nothing = typeof nothing;

type Result = CommandResult & { readonly adjusted?: readonly string[] };

/** A command's request as its schemas give it. */
type Request<Params extends z.ZodType, Body extends z.ZodType> = {
  readonly params: z.output<Params>;
  readonly body: z.output<Body>;
};

/**
 * A line of the table of commands: the request, the stream and the command that it is for, and how the rules may refuse it.
 * `problems` are those that come of something else than the stream.
 */
export type CommandDeclaration<
  Command extends NamedCommand,
  Code extends RefusalCode,
  Sent,
  Params extends z.ZodType,
  Body extends z.ZodType,
> = Pick<
  Declaration<"reader", Params, z.ZodType, typeof headers, Body, typeof response>,
  "path" | "summary" | "description" | "params" | "body"
> & {
  readonly method: "put" | "post" | "delete";
  readonly stream: Stream<unknown, Command, EventDefinitions, Code>;
  readonly command: NoInfer<Command>["type"];
  readonly refusals: readonly NoInfer<Code>[];
  readonly problems?: readonly ProblemCode[];
  /** `reader` unless given. */
  readonly access?: "reader" | "operator";
  /** What the client says by the request, and by which a repeat of the command is known. */
  sent(request: Request<Params, Body>): Sent;
  run(readerId: string, sent: NoInfer<Sent>, context: CommandContext): Promise<Result>;
};

/** What any command may be answered with, whatever it is about. */
const problemsOfCommands = [
  "idempotency_key_reused",
  "outcome_unknown",
  "stream_busy",
  "erased",
  "command_too_large",
] as const;

/**
 * An endpoint that runs a command for a reader, or for an operator. It takes an `Idempotency-Key`, makes one if none is sent, and echoes it;
 * it answers with a `Consistency-Token` when there is something that a query can wait for.
 */
export function commandEndpoint<
  Command extends NamedCommand,
  Code extends RefusalCode,
  Sent,
  Params extends z.ZodType = Nothing,
  Body extends z.ZodType = Nothing,
>(declaration: CommandDeclaration<Command, Code, Sent, Params, Body>): Endpoint {
  const { stream, command, refusals, sent, run, ...declared } = declaration;
  const { method, path } = declared;
  return endpoint({
    ...declared,
    access: declaration.access ?? "reader",
    command: { category: stream.category, name: command, refusals },
    headers,
    answerHeaders: ["Idempotency-Key", "Consistency-Token"],
    response,
    problems: [...refusals, ...(declaration.problems ?? []), ...problemsOfCommands],
    async handle(request) {
      const { params, body, readerId, incoming } = request;
      const commandId = request.headers["Idempotency-Key"] ?? randomUUID();
      const said = sent({ params, body });
      const context = commandContext(incoming, {
        commandId,
        sent: said,
        requestHash: () => requestHash(method.toUpperCase(), filled(path, params), incoming.body ?? {}),
      });
      return answer(commandId, await run(readerId, said, context));
    },
  });
}

/** The path with its parameters, the same however the client escaped it. */
function filled(path: string, params: unknown): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => String((params as Record<string, unknown>)[name]));
}

function answer(commandId: string, result: Result): Answer<z.input<typeof response>> {
  const token = result.consistencyToken;
  return {
    outcome: result.events.length > 0 ? "done" : "unchanged",
    headers: { "Idempotency-Key": commandId, ...(token === null ? {} : { "Consistency-Token": token }) },
    body: {
      position: result.position === null ? null : String(result.position),
      // Events of one stream: some thousands, far below what a Number holds.
      revision: result.revision === null ? null : Number(result.revision),
      events: [...result.events],
      ...(result.adjusted && { adjusted: [...result.adjusted] }),
    },
  };
}
