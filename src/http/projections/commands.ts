import { z } from "zod";
import { type SkipParkedEventDependencies, skipParkedEvent } from "../../commands/operations/skipParkedEvent.ts";
import { skipsStream } from "../../domain/operations/streams.ts";
import { isVisible } from "../../domain/visibleText.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { plainText } from "../fields.ts";
import { readModelParams, requireReadModel } from "./readModelParams.ts";

/** The maximum length of the reason of a skip, in characters (code points). */
const maxReason = 500;

/** The commands of read models, for operators. */
export function projectionsCommands(deps: SkipParkedEventDependencies): readonly Endpoint[] {
  return [
    commandEndpoint({
      method: "post",
      path: "/v1/projections/{name}/parked/skip",
      access: "operator",
      stream: skipsStream,
      command: "SkipParkedEvent",
      params: readModelParams,
      body: z.strictObject({
        eventId: z.uuid().transform((id) => id.toLowerCase()),
        reason: plainText(maxReason).pipe(z.string().trim().max(maxReason).refine(isVisible, "must not be empty")),
      }),
      refusals: [],
      problems: ["read_model_not_found", "parked_event_not_found", "parked_event_not_refused"],
      sent: ({ params, body }) => ({ readModel: params.name, ...body }),
      run(readerId, sent, context) {
        requireReadModel(sent.readModel);
        return skipParkedEvent(deps, { ...sent, skippedBy: readerId }, context);
      },
      summary: "Skip a parked event permanently in a read model",
      description: "The later events of its key are then applied. Only an event that is still refused can be skipped.",
    }),
  ];
}
