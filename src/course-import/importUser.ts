import { accountFor, newReaderId } from "../auth/accounts.ts";
import { shownNickname, webUrl } from "../auth/profile/openProfile.ts";
import { profileOf, saveProfile } from "../auth/profile/profiles.ts";
import { recordProfile } from "../commands/account/recordProfile.ts";
import { registerReader } from "../commands/account/registerReader.ts";
import type { HandleCommand } from "../commands/types.ts";
import { preferencesStream } from "../domain/preferences/stream.ts";
import { isVisible } from "../domain/visibleText.ts";
import type { Pool } from "../platform/postgres.ts";
import { idOfRow, rowContext, wrote } from "./context.ts";
import type { Ledger } from "./ledger.ts";
import type { CourseUser } from "./readers.ts";

export type ImportUserDependencies = {
  readonly pool: Pool;
  readonly ledger: Ledger;
  readonly handleCommand: HandleCommand;
};

/** Creates a user's account, as a login would: the row with the openid first, then the event. */
export async function importAccount(
  { pool, ledger, handleCommand }: ImportUserDependencies,
  { id, openid }: CourseUser,
  correlationId: string,
): Promise<{ readonly readerId: string; readonly isNew: boolean }> {
  const { readerId } = await accountFor(pool, openid, newReaderId());
  const context = rowContext({ table: "user", id, what: "register" }, {}, { correlationId, at: Date.now() });
  const isNew = await wrote(registerReader({ handleCommand }, { readerId, via: "wechat" }, context));
  await ledger.addUser(id, readerId);
  return { readerId, isNew };
}

/**
 * Imports a user's profile, preferences and settings, each only if the reader has none. Resolves with whether anything was
 * written.
 */
export async function importChoices(
  { pool, handleCommand }: ImportUserDependencies,
  user: CourseUser,
  readerId: string,
  correlationId: string,
): Promise<boolean> {
  const { id, channel, settings } = user;
  const at = Date.now();
  const context = (what: string, sent: unknown) => rowContext({ table: "user", id, what }, sent, { correlationId, at });
  let written = false;
  const nickname = shownNickname(user.nickname);
  if (isVisible(nickname) && (await profileOf(pool, readerId)) === undefined) {
    const profileId = idOfRow("user", id, "profile");
    written = await wrote(
      recordProfile(
        { handleCommand },
        { readerId, chooseId: async () => profileId },
        context("profile", { profileId }),
      ),
    );
    const { gender } = user;
    // Older than any profile that WeChat issues from now on.
    const watermarkAt = new Date(Math.min(user.changedAt ?? 0, at));
    await saveProfile(pool, readerId, { profileId, nickname, avatarUrl: webUrl(user.avatarUrl), gender, watermarkAt });
  }
  if (channel !== undefined) {
    const command = { type: "ChoosePreferences", channel, isPast: true } as const;
    const chosen = handleCommand(preferencesStream, readerId, command, context("preference", { channel }));
    written = (await wrote(chosen)) || written;
  }
  if (Object.keys(settings).length > 0) {
    const command = { type: "AdjustSettings", ...settings, isPast: true } as const;
    const adjusted = handleCommand(preferencesStream, readerId, command, context("settings", settings));
    written = (await wrote(adjusted)) || written;
  }
  return written;
}
