import { randomUUID } from "node:crypto";
import { z } from "zod";
import { requestHash } from "../commands/commandHash.ts";
import type { CommandContext, CommandResult } from "../commands/types.ts";
import type { EventDefinitions } from "../domain/event.ts";
import type { NamedCommand, Stream } from "../domain/stream.ts";
import type { RefusalCode } from "../domain/streams.ts";
import { commandContext } from "./commandContext.ts";
import { type Answer, type Declaration, type Endpoint, endpoint, type Nothing } from "./endpoint.ts";
import { idempotencyKey } from "./fields.ts";
import type { ProblemCode } from "./problems.ts";

const headers = z.object({ "Idempotency-Key": idempotencyKey });

/** The response to every command; `events` are the types written, empty if nothing had to change. */
const response = z
  .strictObject({
    position: z
      .string()
      .regex(/^\d+$/)
      .nullable()
      .meta({ description: "The log position of the last event, written now or before." }),
    revision: z.int().nonnegative().nullable().meta({ description: "The revision of that event in its stream." }),
    events: z.array(z.string()).meta({ description: "The types written; empty if nothing had to change." }),
    adjusted: z.array(z.uuid()).optional().meta({
      description:
        "For progress: the ids of entries whose readAt was corrected by more than five seconds, because their device's clock was ahead.",
    }),
  })
  .meta({ id: "CommandAnswer", description: "The response to every command." });

type Result = CommandResult & { readonly adjusted?: readonly string[] };

/** A command's request, validated by its schemas. */
type Request<Params extends z.ZodType, Body extends z.ZodType> = {
  readonly params: z.output<Params>;
  readonly body: z.output<Body>;
};

/**
 * The declaration of a command: its request, its stream and command, and its possible refusals. `problems` are those that do
 * not come from the stream.
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
  /** Default: `reader`. */
  readonly access?: "reader" | "operator";
  /** The client's input, by which a repeated command is recognised. */
  sent(request: Request<Params, Body>): Sent;
  run(readerId: string, sent: NoInfer<Sent>, context: CommandContext): Promise<Result>;
};

/** The problems that any command may have. */
const problemsOfCommands = [
  "idempotency_key_reused",
  "outcome_unknown",
  "stream_busy",
  "erased",
  "command_too_large",
] as const;

/**
 * An endpoint that runs a command for a reader or an operator. It accepts an `Idempotency-Key`, generates one if there is none,
 * and returns it; the response has a `Consistency-Token` if a query can wait for the command.
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
      const fields = sent({ params, body });
      const context = commandContext(incoming, {
        commandId,
        sent: fields,
        requestHash() {
          return requestHash(method.toUpperCase(), filled(path, params), incoming.body ?? {});
        },
      });
      return answer(commandId, await run(readerId, fields, context));
    },
  });
}

/** The path with its parameters filled in, independent of the client's escaping. */
function filled(path: string, params: unknown): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => String((params as Record<string, unknown>)[name]));
}

/** The outcome of a command, for the metrics. A repeat counts as its first sending did. */
export function outcomeOf({ outcome }: CommandResult): "done" | "unchanged" {
  return outcome === "unchanged" ? "unchanged" : "done";
}

function answer(commandId: string, result: Result): Answer<z.input<typeof response>> {
  const token = result.consistencyToken;
  const headers: Record<string, string> = { "Idempotency-Key": commandId };
  if (token !== null) headers["Consistency-Token"] = token;
  return {
    outcome: outcomeOf(result),
    headers,
    body: {
      position: result.position === null ? null : String(result.position),
      // A revision within a stream, at most some thousands: fits a Number.
      revision: result.revision === null ? null : Number(result.revision),
      events: [...result.events],
      ...(result.adjusted && { adjusted: [...result.adjusted] }),
    },
  };
}
