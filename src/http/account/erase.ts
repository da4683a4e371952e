import { z } from "zod";
import type { ErasedReaders } from "../../auth/erasure/erasedReaders.ts";
import { markErased } from "../../auth/erasure/markErased.ts";
import type { Pool } from "../../platform/postgres.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";

export type EraseMeDeps = { readonly pool: Pool; readonly erased: Pick<ErasedReaders, "add"> };

/** By which a reader goes for good. */
export function eraseEndpoint({ pool, erased }: EraseMeDeps): Endpoint {
  return endpoint({
    method: "delete",
    path: "/v1/me",
    access: "reader",
    erasedToo: true,
    summary: "Erase the reader for good",
    description:
      "From then on no token of the reader is taken, but for this request, which may be repeated. Streams, profile and logins are deleted soon after, by a worker.",
    response: z.strictObject({
      state: z
        .enum(["erasing", "erased"])
        .meta({ description: "`erased` once the streams are deleted and the rest is forgotten." }),
    }),
    statuses: [202],
    problems: [],
    async handle({ readerId }) {
      const { forgotten } = await markErased(pool, readerId);
      await erased.add(readerId);
      const state = forgotten ? ("erased" as const) : ("erasing" as const);
      return { status: 202, headers: { "Cache-Control": "no-store" }, body: { state } };
    },
  });
}
