import { loadConfig } from "../platform/config.ts";
import { type AccessTokens, createAccessTokens, type Identity } from "./accessTokens.ts";

/**
 * An access token without a login, for development. Throws an Error for people where it is not allowed: it must be said
 * by ALLOW_DEVELOPMENT_TOKENS, and never works in production.
 */
export function developmentToken(
  environment: NodeJS.ProcessEnv,
  identity: Identity,
): ReturnType<AccessTokens["issue"]> {
  if (environment.NODE_ENV === "production") {
    throw new Error("tokens without a login are for development, and NODE_ENV is production");
  }
  const config = loadConfig(["JWT_SECRETS", "ALLOW_DEVELOPMENT_TOKENS"], environment);
  if (!config.ALLOW_DEVELOPMENT_TOKENS) {
    throw new Error("tokens without a login are not allowed here; ALLOW_DEVELOPMENT_TOKENS=true allows them");
  }
  return createAccessTokens(config.JWT_SECRETS).issue(identity);
}
