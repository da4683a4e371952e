import { z } from "zod";
import { endLogin, type Login, loginsOf } from "../../auth/logins.ts";
import type { Pool } from "../../platform/postgres.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { RequestProblem } from "../problems.ts";
import { privateCaching } from "../queryEndpoint.ts";

const login = z.strictObject({
  id: z.uuid(),
  userAgent: z.string().nullable().meta({ description: "The User-Agent of the login or the last refresh." }),
  createdAt: z.iso.datetime(),
  usedAt: z.iso.datetime().meta({ description: "The time of the login or the last refresh." }),
  expiresAt: z.iso.datetime(),
  current: z.boolean().meta({ description: "Whether the request's access token belongs to it." }),
});

/** A login in an API response. */
export function shownLogin({ id, userAgent, createdAt, usedAt, expiresAt }: Login, current: string | undefined) {
  const times = {
    createdAt: createdAt.toISOString(),
    usedAt: usedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
  return { id, userAgent, ...times, current: id === current };
}

/** The endpoints of a reader's logins. */
export function loginEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    endpoint({
      method: "get",
      path: "/v1/me/logins",
      access: "reader",
      summary: "The reader's logins, the most recently used first",
      response: z.strictObject({ items: z.array(login), nextCursor: z.null() }),
      answerHeaders: ["ETag"],
      problems: [],
      async handle({ readerId, incoming }) {
        const logins = await loginsOf(pool, readerId);
        const items = logins.map((one) => shownLogin(one, incoming.loginId));
        return { headers: privateCaching, body: { items, nextCursor: null } };
      },
    }),

    endpoint({
      method: "delete",
      path: "/v1/me/logins/{id}",
      access: "reader",
      summary: "End a login of the reader",
      description: "Its refresh tokens are revoked; an access token stays valid until it expires.",
      params: z.strictObject({ id: z.uuid().toLowerCase() }),
      response: z.strictObject({
        current: z.boolean().meta({ description: "Whether the request's access token belongs to it." }),
      }),
      problems: ["login_not_found"],
      async handle({ readerId, params, incoming }) {
        if (!(await endLogin(pool, readerId, params.id)))
          throw new RequestProblem("login_not_found", "The reader has no login with this id.");
        return { body: { current: params.id === incoming.loginId } };
      },
    }),
  ];
}
