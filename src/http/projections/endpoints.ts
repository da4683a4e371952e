import { z } from "zod";
import { type SkipParkedEventDeps, skipParkedEvent } from "../../commands/operations/skipParkedEvent.ts";
import { isVisible } from "../../domain/visibleText.ts";
import { readModels } from "../../projections/registry.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { plainText, storableText } from "../fields.ts";
import { listOf } from "../lists.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { type ParkedKey, parkedKey, retriedKey, type Status, shownParked, shownStatus, status } from "./shown.ts";

export type ProjectionsDeps = {
  readonly status: () => Promise<readonly Status[]>;
  readonly parked: (readModel: string) => Promise<readonly ParkedKey[]>;
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

const params = z.strictObject({ name: z.string().meta({ description: "The read model: shelf, library, collected." }) });

function requireReadModel(name: string): void {
  if (readModels.some((readModel) => readModel.name === name)) return;
  throw new RequestProblem(
    "read_model_not_found",
    `The read models are ${readModels.map((known) => known.name).join(", ")}.`,
  );
}

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
      params,
      response: listOf(parkedKey),
      problems: ["read_model_not_found"],
      reads: [],
      async handle({ params }) {
        requireReadModel(params.name);
        return { items: (await deps.parked(params.name)).map(shownParked), nextCursor: null };
      },
    }),

    endpoint({
      method: "post",
      path: "/v1/projections/{name}/rebuild",
      access: "operator",
      summary: "Builds a read model anew beside the live build, which it replaces",
      description: "A build that is on its way already goes on. GET /v1/projections says how far it is.",
      params,
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
      params,
      body: z.strictObject({ key: storableText.min(1).max(10_000) }),
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

    commandEndpoint({
      method: "post",
      path: "/v1/projections/{name}/parked/skip",
      access: "operator",
      summary: "Leaves a parked event out of a read model for good",
      description:
        "Then the events that waited behind it are folded. Only an event that is refused now can be skipped.",
      params,
      body: z.strictObject({
        eventId: z.uuid().transform((id) => id.toLowerCase()),
        reason: plainText.pipe(z.string().trim().max(500).refine(isVisible, "must not be empty")),
      }),
      problems: ["read_model_not_found", "parked_event_not_found", "parked_event_not_refused"],
      handle({ params, body, readerId }, context) {
        requireReadModel(params.name);
        return skipParkedEvent(deps.skip, { readModel: params.name, skippedBy: readerId, ...body }, context);
      },
    }),
  ];
}
