import { z } from "zod";
import { TokenRefused } from "../../auth/errors.ts";
import { readerId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";
import { reader } from "../../queries/account/reader.ts";
import type { Endpoint } from "../endpoint.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

/** The endpoints of a reader's own account: who one is. */
export function accountEndpoints({ pool }: { readonly pool: Pool }): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/me",
      access: "reader",
      summary: "Who one is",
      response: z.strictObject({ id: readerId, roles: z.array(z.string()), registeredAt: z.iso.datetime() }),
      problems: [],
      reads: [],
      async handle({ readerId }) {
        const found = await reader(pool, readerId);
        if (found === undefined) throw new TokenRefused("token_invalid", "The account of this token is gone.");
        return { id: found.id, roles: [...found.roles], registeredAt: found.registeredAt.toISOString() };
      },
    }),
  ];
}
