import type { AccessTokens } from "../accessTokens.ts";
import { TokenRefused } from "../errors.ts";

/** Throws TokenRefused if the reader is erased; rethrows what `isErased` throws. */
export function requireNotErased(isErased: (readerId: string) => boolean, readerId: string): void {
  if (isErased(readerId)) throw new TokenRefused("reader_erased", "The reader was erased; log out.");
}

/** Wraps access tokens so that those of erased readers are rejected. */
export function withoutErased(
  tokens: Pick<AccessTokens, "verify">,
  isErased: (readerId: string) => boolean,
): Pick<AccessTokens, "verify"> {
  return {
    verify(token) {
      const identity = tokens.verify(token);
      requireNotErased(isErased, identity.readerId);
      return identity;
    },
  };
}
