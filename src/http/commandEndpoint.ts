import { randomUUID } from "node:crypto";
import { z } from "zod";
import { commandHash } from "../commands/commandHash.ts";
import type { CommandContext, CommandResult } from "../commands/types.ts";
import { commandContext } from "./commandContext.ts";
import { type Answer, type CheckedRequest, type Declaration, type Endpoint, endpoint } from "./endpoint.ts";
import { idempotencyKey } from "./fields.ts";

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
  })
  .meta({ id: "CommandAnswer", description: "What every command answers." });

type CommandDeclaration<Params extends z.ZodType, Body extends z.ZodType> = Pick<
  Declaration<"reader", Params, z.ZodType, typeof headers, Body, typeof response>,
  "path" | "summary" | "description" | "params" | "body" | "problems"
> & {
  readonly method: "put" | "post" | "delete";
  /** `reader` unless given. */
  readonly access?: "reader" | "operator";
  handle(
    request: Pick<
      CheckedRequest<"reader", z.output<Params>, unknown, unknown, z.output<Body>>,
      "params" | "body" | "readerId"
    >,
    context: CommandContext,
  ): Promise<CommandResult>;
};

const nothing = z.strictObject({});

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
export function commandEndpoint<Params extends z.ZodType = typeof nothing, Body extends z.ZodType = typeof nothing>(
  declaration: CommandDeclaration<Params, Body>,
): Endpoint {
  const { method, path, handle } = declaration;
  return endpoint({
    ...declaration,
    access: declaration.access ?? "reader",
    kind: "command",
    headers,
    answerHeaders: ["Idempotency-Key", "Consistency-Token"],
    response,
    problems: [...declaration.problems, ...problemsOfCommands],
    async handle(request) {
      const commandId = request.headers["Idempotency-Key"] ?? randomUUID();
      const { incoming } = request;
      const hash = commandHash(method.toUpperCase(), filled(path, request.params), incoming.body ?? {});
      return answer(commandId, await handle(request, commandContext(incoming, commandId, hash)));
    },
  });
}

/** The path with its parameters, the same however the client escaped it. */
function filled(path: string, params: unknown): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => String((params as Record<string, unknown>)[name]));
}

function answer(commandId: string, result: CommandResult): Answer<z.input<typeof response>> {
  const token = result.consistencyToken;
  return {
    outcome: result.events.length > 0 ? "done" : "unchanged",
    headers: { "Idempotency-Key": commandId, ...(token === null ? {} : { "Consistency-Token": token }) },
    body: {
      position: result.position === null ? null : String(result.position),
      // Events of one stream: some thousands, far below what a Number holds.
      revision: result.revision === null ? null : Number(result.revision),
      events: [...result.events],
    },
  };
}
