import { randomUUID } from "node:crypto";
import type { CommandContext } from "../commands/types.ts";
import type { CourseTokens } from "./courseTokens.ts";
import { type IdentifyDependencies, identify } from "./login.ts";
import { type ChangeProfileDependencies, changeProfile } from "./profile/changeProfile.ts";
import type { SealedProfile } from "./profile/openProfile.ts";

export type CourseLoginDependencies = IdentifyDependencies &
  ChangeProfileDependencies & { readonly courseTokens: Pick<CourseTokens, "issue"> };

/**
 * Logs a reader in for a front end of the course: with a code of `wx.login` and, optionally, the profile that WeChat encrypted
 * with the session of that code. An invisible nickname keeps nobody out: the stored one stays. Rejects as `login` and
 * `changeProfile` do; if the profile is refused, the account exists but no token is issued.
 */
export async function courseLogin(
  deps: CourseLoginDependencies,
  { code, sealed }: { readonly code: string; readonly sealed: SealedProfile | undefined },
  context: CommandContext,
): Promise<{ readonly token: string; readonly readerId: string }> {
  return identify(deps, code, context, async ({ identity: { readerId }, sessionKey }) => {
    if (sealed !== undefined) {
      await changeProfile(
        deps,
        { readerId, sealed, sessionKey, blankNickname: "untold" },
        { ...context, commandId: randomUUID(), sent: sealed },
      );
    }
    return { token: await deps.courseTokens.issue(readerId), readerId };
  });
}
