import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { AccessTokens } from "../../auth/accessTokens.ts";
import { type LoginDependencies, login } from "../../auth/login.ts";
import { endLogins } from "../../auth/logins.ts";
import { readerId } from "../../domain/ids.ts";
import { commandContext } from "../commandContext.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";

export type AuthDependencies = LoginDependencies & { readonly tokens: Pick<AccessTokens, "issue"> };

const headers = { "Cache-Control": "no-store" };

const grant = { accessToken: z.string(), refreshToken: z.string(), expiresIn: z.int() };
const withRefreshToken = z.strictObject({ refreshToken: z.string().min(1).max(256) });

/** The endpoints that issue, exchange and revoke tokens. They need no access token, except logout from all devices. */
export function authEndpoints(deps: AuthDependencies): readonly Endpoint[] {
  const { refreshTokens, tokens } = deps;
  return [
    endpoint({
      method: "post",
      path: "/v1/auth/wechat",
      access: "open",
      limit: "login",
      summary: "Log in with a one-use code of wx.login",
      body: z.strictObject({ code: z.string().min(1).max(256) }),
      response: z.strictObject({ ...grant, reader: z.strictObject({ id: readerId, isNew: z.boolean() }) }),
      problems: [
        "wechat_code_invalid",
        "wechat_code_used",
        "wechat_blocked",
        "wechat_rate_limited",
        "wechat_busy",
        "wechat_unreachable",
        "wechat_failed",
        "wechat_misconfigured",
        "outcome_unknown",
        "stream_busy",
      ],
      async handle({ body, incoming }) {
        // A code works once, so a login needs no Idempotency-Key; the code itself must not get into the event log.
        const context = commandContext(incoming, { commandId: randomUUID(), sent: {} });
        const { accessToken, refreshToken, expiresIn, readerId, isNew } = await login(
          deps,
          { code: body.code, userAgent: incoming.headers["user-agent"] },
          context,
        );
        return { headers, body: { accessToken, refreshToken, expiresIn, reader: { id: readerId, isNew } } };
      },
    }),

    endpoint({
      method: "post",
      path: "/v1/auth/refresh",
      access: "open",
      limit: "login",
      summary: "Exchange a refresh token for the next one and an access token",
      body: withRefreshToken,
      response: z.strictObject(grant),
      problems: [
        "refresh_token_invalid",
        "refresh_token_expired",
        "refresh_token_revoked",
        "refresh_token_reused",
        "reader_erased",
        "server_busy",
      ],
      async handle({ body, incoming }) {
        const userAgent = incoming.headers["user-agent"];
        const { identity, refreshToken, loginId } = await refreshTokens.rotate(body.refreshToken, userAgent);
        return { headers, body: { ...tokens.issue({ ...identity, loginId }), refreshToken } };
      },
    }),

    endpoint({
      method: "post",
      path: "/v1/auth/logout",
      access: "open",
      limit: "login",
      summary: "End a login with all its refresh tokens",
      body: withRefreshToken,
      response: z.strictObject({}),
      problems: [],
      async handle({ body }) {
        await refreshTokens.revoke(body.refreshToken);
        return { headers, body: {} };
      },
    }),

    endpoint({
      method: "post",
      path: "/v1/auth/logout-everywhere",
      access: "reader",
      summary: "End all logins of the reader",
      description: "Access tokens already issued stay valid until they expire.",
      response: z.strictObject({ ended: z.int().nonnegative() }),
      problems: [],
      handle: async ({ readerId }) => ({ headers, body: { ended: await endLogins(deps.pool, readerId) } }),
    }),
  ];
}
