import { z } from "zod";
import { type Endpoint, endpoint } from "../endpoint.ts";

const readiness = z.strictObject({
  ready: z.boolean(),
  dependencies: z.record(z.string(), z.enum(["up", "down"])),
  readModels: z.record(z.string(), z.unknown()),
});

/** Whether the process can serve requests: each dependency, and each read model with its stopped partitions. */
export type Readiness = z.output<typeof readiness>;

const headers = { "Cache-Control": "no-store" };

/** The health endpoints: liveness and readiness. */
export function healthEndpoints(readinessNow: () => Promise<Readiness>): readonly Endpoint[] {
  return [
    endpoint({
      method: "get",
      path: "/health/live",
      access: "open",
      summary: "Whether the process answers",
      response: z.strictObject({ live: z.literal(true) }),
      problems: [],
      handle: async () => ({ headers, body: { live: true as const } }),
    }),

    endpoint({
      method: "get",
      path: "/health/ready",
      access: "open",
      summary: "Whether everything needed to serve requests is available",
      statuses: [200, 503],
      response: readiness,
      problems: [],
      async handle() {
        const body = await readinessNow();
        return { status: body.ready ? 200 : 503, headers, body };
      },
    }),
  ];
}
