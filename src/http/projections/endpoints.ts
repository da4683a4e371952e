import { z } from "zod";
import type { SkipParkedEventDependencies } from "../../commands/operations/skipParkedEvent.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { storableText } from "../fields.ts";
import { cursorOf, listOf, pageFieldsBy } from "../pagination.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { projectionsCommands } from "./commands.ts";
import { readModelParams, requireReadModel } from "./readModelParams.ts";
import { type ParkedKey, parkedKey, retriedKey, type Status, shownParked, shownStatus, status } from "./shown.ts";

export type ProjectionsDependencies = {
  readonly status: () => Promise<readonly Status[]>;
  /** A page of parked keys; `after` is where the previous page ended. */
  readonly parked: (
    readModel: string,
    page: { readonly after: ParkedCursor | null; readonly limit: number },
  ) => Promise<{ readonly rows: readonly ParkedKey[]; readonly next: ParkedCursor | null }>;
  /** Applies the parked events of a key in every build; empty if no build parks it. */
  readonly retry: (readModel: string, key: string) => Promise<readonly z.input<typeof retriedKey>[]>;
  readonly skip: SkipParkedEventDependencies;
  /** Starts a build beside the live one; undefined if one with another number of partitions is in progress. */
  readonly rebuild: (
    readModel: string,
    partitions: number | undefined,
  ) => Promise<z.input<typeof requestedRebuild> | undefined>;
};

const requestedRebuild = z.strictObject({
  build: z.string(),
  did: z.enum(["added", "resumed", "already_building"]),
});

/** The number of a build, and a parked key in it. */
const parkedCursor = z.strictObject({
  build: z.int().nonnegative(),
  position: z.string().regex(/^\d{1,19}$/),
  partition: z.int().nonnegative(),
});
type ParkedCursor = { readonly build: number; readonly position: bigint; readonly partition: number };

/** The endpoints of read models for operators: status, parked events and rebuilds. */
export function projectionsEndpoints(deps: ProjectionsDependencies): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/projections",
      access: "operator",
      summary: "The progress of every build of every read model",
      response: listOf(status),
      problems: [],
      reads: [],
      handle: async () => ({ items: (await deps.status()).map(shownStatus), nextCursor: null }),
    }),

    queryEndpoint({
      path: "/v1/projections/{name}/parked",
      access: "operator",
      summary: "The parked keys of a read model, in all its builds",
      description: "`eventId` is the refused event; `events` counts it and the later events parked with it.",
      params: readModelParams,
      query: z.strictObject(pageFieldsBy(parkedCursor)),
      response: listOf(parkedKey),
      problems: ["read_model_not_found"],
      reads: [],
      async handle({ params, query: { cursor, limit } }) {
        requireReadModel(params.name);
        const after = cursor && { ...cursor, position: BigInt(cursor.position) };
        const { rows, next } = await deps.parked(params.name, { after, limit });
        const nextCursor = next && cursorOf({ ...next, position: String(next.position) });
        return { items: rows.map(shownParked), nextCursor };
      },
    }),

    endpoint({
      method: "post",
      path: "/v1/projections/{name}/rebuild",
      access: "operator",
      summary: "Rebuild a read model; the live build stays until the new one replaces it",
      description: "A build already in progress continues. GET /v1/projections shows its progress.",
      params: readModelParams,
      body: z.strictObject({ partitions: z.int().min(1).max(64).optional() }).optional(),
      statuses: [202],
      response: requestedRebuild,
      problems: ["read_model_not_found", "rebuild_under_way"],
      async handle({ params, body }) {
        requireReadModel(params.name);
        const requested = await deps.rebuild(params.name, body?.partitions);
        if (requested === undefined) {
          throw new RequestProblem(
            "rebuild_under_way",
            "Cancel it first (heima projections cancel), or wait until it has ended.",
          );
        }
        return { status: 202, body: requested };
      },
    }),

    endpoint({
      method: "post",
      path: "/v1/projections/{name}/parked/retry",
      access: "operator",
      summary: "Retry the parked events of a key",
      description:
        "In every build that parks the key. If `left` is above 0 the first of those events is still refused.",
      params: readModelParams,
      body: z.strictObject({ key: storableText.min(1).max(10_000) }),
      response: z.strictObject({ items: z.array(retriedKey) }),
      problems: ["read_model_not_found", "parked_event_not_found"],
      async handle({ params, body }) {
        requireReadModel(params.name);
        const items = await deps.retry(params.name, body.key);
        if (items.length === 0)
          throw new RequestProblem("parked_event_not_found", "No build has parked events of this key.");
        return { body: { items: [...items] } };
      },
    }),

    ...projectionsCommands(deps.skip),
  ];
}
