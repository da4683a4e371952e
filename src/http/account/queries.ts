import { z } from "zod";
import { AccountGone } from "../../auth/accountGone.ts";
import { readerId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";
import { reader } from "../../queries/account/reader.ts";
import type { Endpoint } from "../endpoint.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

/** The reader's own account. */
export const me = z.strictObject({
  id: readerId,
  roles: z.array(z.string()),
  registeredAt: z.iso.datetime(),
  profile: z
    .strictObject({
      nickname: z.string(),
      avatarUrl: z.url().nullable(),
      gender: z.enum(["male", "female"]).nullable(),
      updatedAt: z.iso.datetime(),
    })
    .nullable()
    .meta({ description: "Null until the reader has set one." }),
});

/** The queries of a reader's own account. */
export function accountQueries(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/me",
      access: "reader",
      summary: "The reader of the access token",
      response: me,
      problems: [],
      reads: [],
      handle: ({ readerId }) => meOf(pool, readerId),
    }),
  ];
}

/** The reader of an access token. Rejects with AccountGone if the account no longer exists. */
export async function meOf(pool: Pool, readerId: string): Promise<z.output<typeof me>> {
  const found = await reader(pool, readerId);
  if (found === undefined) throw new AccountGone();
  const { id, roles, registeredAt, profile } = found;
  return {
    id,
    roles: [...roles],
    registeredAt: registeredAt.toISOString(),
    profile: profile && { ...profile, updatedAt: profile.updatedAt.toISOString() },
  };
}
