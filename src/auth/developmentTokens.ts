import { loadConfig } from "../platform/config.ts";
import { type AccessTokens, createAccessTokens, type Identity } from "./accessTokens.ts";

/**
 * An access token without a login, for development. Throws an Error with a readable message unless ALLOW_DEVELOPMENT_TOKENS is
 * set, and always in production.
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
