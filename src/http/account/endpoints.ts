import { randomUUID } from "node:crypto";
import { z } from "zod";
import { TokenRefused } from "../../auth/errors.ts";
import { type LoginDeps, login } from "../../auth/login.ts";
import { commandHash } from "../../commands/commandHash.ts";
import { readerId } from "../../domain/ids.ts";
import { reader } from "../../queries/account/reader.ts";
import { commandContext } from "../commandContext.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

/** The endpoints of an account: the login, and who one is. */
export function accountEndpoints(deps: LoginDeps): readonly Endpoint[] {
  return [
    endpoint({
      method: "post",
      path: "/v1/auth/wechat",
      access: "open",
      summary: "Log in with a one-use code of wx.login",
      body: z.strictObject({ code: z.string().min(1).max(256) }),
      response: z.strictObject({
        accessToken: z.string(),
        expiresIn: z.int(),
        reader: z.strictObject({ id: readerId, isNew: z.boolean() }),
      }),
      problems: [
        "wechat_code_invalid",
        "wechat_code_used",
        "wechat_blocked",
        "wechat_rate_limited",
        "wechat_busy",
        "wechat_unreachable",
        "wechat_failed",
        "outcome_unknown",
        "stream_busy",
      ],
      async handle({ body, incoming }) {
        // A code works once, so a login has no key of the client's; the code itself must not reach the log of events.
        const context = commandContext(incoming, randomUUID(), commandHash("POST", "/v1/auth/wechat", {}));
        const { accessToken, expiresIn, readerId, isNew } = await login(deps, body.code, context);
        return {
          headers: { "Cache-Control": "no-store" },
          body: { accessToken, expiresIn, reader: { id: readerId, isNew } },
        };
      },
    }),

    queryEndpoint({
      path: "/v1/me",
      access: "reader",
      summary: "Who one is",
      response: z.strictObject({ id: readerId, roles: z.array(z.string()), registeredAt: z.iso.datetime() }),
      problems: [],
      reads: [],
      async handle({ readerId }) {
        const found = await reader(deps.pool, readerId);
        if (found === undefined) throw new TokenRefused("token_invalid", "The account of this token is gone.");
        return { id: found.id, roles: [...found.roles], registeredAt: found.registeredAt.toISOString() };
      },
    }),
  ];
}
