import { z } from "zod";
import type { HandleCommand } from "../../commands/types.ts";
import { historyStream } from "../../domain/history/stream.ts";
import type { Pool } from "../../platform/postgres.ts";
import { courseHistory } from "../../queries/course/history.ts";
import { outcomeOf } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { courseContext, type courseRoutes, untilShown } from "./courseEndpoint.ts";
import { messageAnswer, pageFields, pageOf, pagesOf, placeOf } from "./fields.ts";
import { listedBook, shownBook } from "./shownBook.ts";

const visitedBook = z.strictObject({ ...listedBook.shape, status: listedBook.shape.state, lastTime: z.string() });

/** The routes of a reader's history. */
export function historyRoutes(
  route: ReturnType<typeof courseRoutes>,
  handleCommand: HandleCommand,
  pool: Pool,
): readonly Endpoint[] {
  const path = "/my/histories";
  return [
    ...route({
      method: "get",
      path,
      who: "reader",
      reads: ["history", "library"],
      query: z.object(pageFields),
      response: pageOf(visitedBook),
      async handle({ query, readerId, incoming }) {
        const { total, visits } = await courseHistory(pool, { readerId, ...placeOf(query) });
        const items = visits.map(({ lastTime, ...book }) => {
          const shown = shownBook(book, incoming.origin);
          return { ...shown, status: shown.state, lastTime };
        });
        return { body: { ...pagesOf(total, query), items } };
      },
    }),

    ...route({
      method: "delete",
      path,
      who: "reader",
      reads: ["history"],
      command: { category: "history", name: "ClearHistory", refusals: [] },
      response: messageAnswer,
      async handle({ readerId, incoming }) {
        const context = courseContext(incoming, {});
        const command = { type: "ClearHistory", at: context.occurredAt } as const;
        const result = await handleCommand(historyStream, readerId, command, context);
        await untilShown(incoming, ["history"], result);
        return { outcome: outcomeOf(result), body: { msg: "OK" } };
      },
    }),
  ];
}
