import { z } from "zod";
import type { SkipParkedEventDeps } from "../../commands/operations/skipParkedEvent.ts";
import type { Page } from "../../queries/page.ts";
import { projectionsCommands } from "../commands.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { listAnswer, listOf, pageFieldsBy } from "../lists.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { readModelParams, requireReadModel } from "./readModelParams.ts";
import { type ParkedKey, parkedKey, retriedKey, type Status, shownParked, shownStatus, status } from "./shown.ts";

export type ProjectionsDeps = {
  readonly status: () => Promise<readonly Status[]>;
  /** A page of the parked keys; `after` is where the page before ended. */
  readonly parked: (
    readModel: string,
    page: { readonly after: ParkedPlace | null; readonly limit: number },
  ) => Promise<Page<ParkedKey, ParkedPlace>>;
  /** Folds the parked events of a key in every build; empty when none parks it. */
  readonly retry: (readModel: string, key: string) => Promise<readonly z.input<typeof retriedKey>[]>;
  readonly skip: SkipParkedEventDeps;
  /** Adds a build beside the live one; undefined: one with another number of partitions is on its way. */
  readonly rebuild: (
    readModel: string,
    partitions: number | undefined,
  ) => Promise<z.input<typeof requestedRebuild> | undefined>;
};

const requestedRebuild = z.strictObject({
  build: z.string(),
  did: z.enum(["added", "resumed", "already_building"]),
});

/** The number of a build, and the parked key in it. */
const parkedPlace = z.strictObject({
  build: z.int().nonnegative(),
  position: z.string().regex(/^\d{1,19}$/),
  partition: z.int().nonnegative(),
});
type ParkedPlace = { readonly build: number; readonly position: bigint; readonly partition: number };

/** How the read models are, and what operators do about parked events. */
export function projectionsEndpoints(deps: ProjectionsDeps): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/projections",
      access: "operator",
      summary: "How far every build of every read model is",
      response: listOf(status),
      problems: [],
      reads: [],
      handle: async () => ({ items: (await deps.status()).map(shownStatus), nextCursor: null }),
    }),

    queryEndpoint({
      path: "/v1/projections/{name}/parked",
      access: "operator",
      summary: "The parked keys of a read model, in all its builds",
      description: "`eventId` is the event that is refused; `events` counts it and those that wait behind it.",
      params: readModelParams,
      query: z.strictObject(pageFieldsBy(parkedPlace)),
      response: listOf(parkedKey),
      problems: ["read_model_not_found"],
      reads: [],
      async handle({ params, query: { cursor, limit } }) {
        requireReadModel(params.name);
        const after = cursor && { ...cursor, position: BigInt(cursor.position) };
        const { rows, next } = await deps.parked(params.name, { after, limit });
        return listAnswer({ rows, next: next && { ...next, position: String(next.position) } }, shownParked);
      },
    }),

    endpoint({
      method: "post",
      path: "/v1/projections/{name}/rebuild",
      access: "operator",
      summary: "Builds a read model anew beside the live build, which it replaces",
      description: "A build that is on its way already goes on. GET /v1/projections says how far it is.",
      params: readModelParams,
      body: z.strictObject({ partitions: z.int().min(1).max(64).optional() }).optional(),
      statuses: [202],
      response: requestedRebuild,
      problems: ["read_model_not_found", "rebuild_under_way"],
      async handle({ params, body }) {
        requireReadModel(params.name);
        const requested = await deps.rebuild(params.name, body?.partitions);
        if (requested === undefined) {
          throw new RequestProblem("rebuild_under_way", "Cancel it first (heima projections cancel), or let it end.");
        }
        return { status: 202, body: requested };
      },
    }),

    endpoint({
      method: "post",
      path: "/v1/projections/{name}/parked/retry",
      access: "operator",
      summary: "Folds the parked events of a key, as far as they are taken",
      description: "In every build that parks the key. With `left` above 0 the first of those events is still refused.",
      params: readModelParams,
      body: z.strictObject({ key: z.string().min(1).max(10_000) }),
      response: z.strictObject({ items: z.array(retriedKey) }),
      problems: ["read_model_not_found", "parked_event_not_found"],
      async handle({ params, body }) {
        requireReadModel(params.name);
        const items = await deps.retry(params.name, body.key);
        if (items.length === 0)
          throw new RequestProblem("parked_event_not_found", "No build parks events of this key.");
        return { body: { items: [...items] } };
      },
    }),

    ...projectionsCommands(deps.skip),
  ];
}
