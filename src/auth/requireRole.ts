import type { AccessTokens, Identity } from "./accessTokens.ts";
import { RoleMissing, TokenRefused } from "./errors.ts";
import type { Role } from "./roles.ts";

/**
 * The sender of a request, from its Authorization header (`Bearer <access token>`). Throws TokenRefused, or RoleMissing if the
 * token is valid but does not carry `role`.
 */
export function requireRole(
  tokens: Pick<AccessTokens, "verify">,
  authorization: string | undefined,
  role: Role,
): Identity {
  const token = authorization === undefined ? undefined : /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new TokenRefused("token_missing", "Send Authorization: Bearer <access token>.");
  const identity = tokens.verify(token);
  if (!identity.roles.includes(role)) throw new RoleMissing(role);
  return identity;
}
