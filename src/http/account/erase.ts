import { z } from "zod";
import type { ErasedReaders } from "../../auth/erasure/erasedReaders.ts";
import { markErased } from "../../auth/erasure/markErased.ts";
import type { Pool } from "../../platform/postgres.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";

export type EraseMeDependencies = { readonly pool: Pool; readonly erased: Pick<ErasedReaders, "add"> };

/** Lets a reader erase the account. */
export function eraseEndpoint({ pool, erased }: EraseMeDependencies): Endpoint {
  return endpoint({
    method: "delete",
    path: "/v1/me",
    access: "reader",
    erasedToo: true,
    summary: "Erase the reader permanently",
    description:
      "From then on the reader's tokens are rejected, except for this request, which may be repeated. A worker deletes streams, profile and logins soon after.",
    response: z.strictObject({
      state: z.enum(["erasing", "erased"]).meta({ description: "`erased` once all data is deleted." }),
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
