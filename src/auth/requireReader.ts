import type { AccessTokens } from "./accessTokens.ts";
import { TokenRefused } from "./errors.ts";

/** The reader who sends a request, from its Authorization header (`Bearer <access token>`). Throws TokenRefused. */
export function requireReader(tokens: Pick<AccessTokens, "verify">, authorization: string | undefined): string {
  const token = authorization === undefined ? undefined : /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new TokenRefused("token_missing", "Send Authorization: Bearer <access token>.");
  return tokens.verify(token);
}
