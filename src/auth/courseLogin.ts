import { randomUUID } from "node:crypto";
import type { CommandContext } from "../commands/types.ts";
import type { CourseTokens } from "./courseTokens.ts";
import { type IdentifyDeps, identify } from "./login.ts";
import { type ChangeProfileDeps, changeProfile } from "./profile/changeProfile.ts";
import type { SealedProfile } from "./profile/openProfile.ts";

export type CourseLoginDeps = IdentifyDeps & ChangeProfileDeps & { readonly courseTokens: Pick<CourseTokens, "issue"> };

/**
 * Logs a reader in as the front ends of the course do: with the code of `wx.login` and, if they send it, the profile that WeChat
 * sealed with the session of that code. Rejects as `login` and `changeProfile` do; after a refused profile the account is there,
 * and there is no token.
 */
export async function courseLogin(
  deps: CourseLoginDeps,
  { code, sealed }: { readonly code: string; readonly sealed: SealedProfile | undefined },
  context: CommandContext,
): Promise<{ readonly token: string; readonly readerId: string }> {
  const { identity } = await identify(deps, code, context);
  const { readerId } = identity;
  if (sealed !== undefined) {
    await changeProfile(deps, { readerId, sealed }, { ...context, commandId: randomUUID(), sent: sealed });
  }
  return { token: await deps.courseTokens.issue(readerId), readerId };
}
