import { z } from "zod";
import type { CommandContext, CommandResult, HandleCommand } from "../../commands/types.ts";
import { settings } from "../../domain/preferences/events.ts";
import { preferencesStream } from "../../domain/preferences/stream.ts";
import { outcomeOf } from "../commandEndpoint.ts";
import type { Endpoint, IncomingRequest } from "../endpoint.ts";
import { courseContext, type courseRoutes, untilShown } from "./courseEndpoint.ts";
import { messageAnswer } from "./fields.ts";

/** Front ends send numbers from sliders or as text. */
const number = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value), schema);

/** The channel for each gender in a reader's settings. */
const channels = ["female", "male"] as const;

const { brightness, fontSize, background, pageTurn } = settings.shape;

/** Omitted or null fields stay unchanged. */
const readerSettings = z.object({
  brightness: number(brightness.nullish()),
  font_size: number(fontSize.nullish()),
  background: background.nullish(),
  turn: pageTurn.nullish(),
});

/** The route of a reader's settings. */
export function configRoutes(
  route: ReturnType<typeof courseRoutes>,
  handleCommand: HandleCommand,
): readonly Endpoint[] {
  const answered = async (
    incoming: IncomingRequest,
    sent: object,
    run: (context: CommandContext) => Promise<CommandResult>,
  ) => {
    const result = await run(courseContext(incoming, sent));
    await untilShown(incoming, ["preferences"], result);
    return { outcome: outcomeOf(result), body: { msg: "设置成功" } };
  };
  return [
    ...route({
      method: "post",
      path: "/config/preference",
      who: "reader",
      reads: ["preferences"],
      command: { category: "preferences", name: "ChoosePreferences", refusals: [] },
      body: z.object({ gender: number(z.literal([0, 1])) }),
      response: messageAnswer,
      handle({ body, readerId, incoming }) {
        const chosen = { channel: channels[body.gender] };
        return answered(incoming, chosen, (context) =>
          handleCommand(preferencesStream, readerId, { type: "ChoosePreferences", ...chosen }, context),
        );
      },
    }),

    ...route({
      method: "post",
      path: "/config/reader",
      who: "reader",
      reads: ["preferences"],
      command: { category: "preferences", name: "AdjustSettings", refusals: [] },
      body: readerSettings,
      response: messageAnswer,
      handle({ body, readerId, incoming }) {
        const adjusted = {
          brightness: body.brightness ?? undefined,
          fontSize: body.font_size ?? undefined,
          background: body.background ?? undefined,
          pageTurn: body.turn ?? undefined,
        };
        return answered(incoming, adjusted, (context) =>
          handleCommand(preferencesStream, readerId, { type: "AdjustSettings", ...adjusted }, context),
        );
      },
    }),
  ];
}
