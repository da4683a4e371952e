import type { CommandContext } from "../commands/types.ts";
import type { IncomingRequest } from "./endpoint.ts";

/** W3C Trace Context, version 00. Other values are not copied into events. */
const traceparent = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The context of a command in a request: the request id links its events to its line in the log. */
export function commandContext(
  request: IncomingRequest,
  command: Pick<CommandContext, "commandId" | "sent" | "requestHash">,
): CommandContext {
  const sentTraceparent = request.headers.traceparent;
  // Written out: a spread with additional fields takes V8 5 µs.
  return {
    commandId: command.commandId,
    sent: command.sent,
    requestHash: command.requestHash,
    correlationId: request.requestId,
    occurredAt: new Date().toISOString(),
    traceparent: typeof sentTraceparent === "string" && traceparent.test(sentTraceparent) ? sentTraceparent : undefined,
  };
}
