import { createHash } from "node:crypto";
import { parse, v5 as uuidv5 } from "uuid";
import { recordProfile } from "../../commands/account/recordProfile.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../../commands/types.ts";
import type { Pool } from "../../platform/postgres.ts";
import { ProfileRefused } from "../errors.ts";
import type { SessionKeys } from "../sessionKeys.ts";
import { type OpenedProfile, openProfile, type Profile, type SealedProfile } from "./openProfile.ts";
import { profileOf, saveProfile } from "./profiles.ts";

type NewProfile = {
  readonly readerId: string;
  readonly sealed: SealedProfile;
  /** The session_key of the login that the profile came with; otherwise that of the reader's last login. */
  readonly sessionKey?: string;
  /** The result of a nickname without a visible character; `refused` by default. */
  readonly blankNickname?: "refused" | "untold";
};

export type ChangeProfileDependencies = {
  readonly pool: Pool;
  readonly sessionKeys: Pick<SessionKeys, "load">;
  readonly handleCommand: HandleCommand;
  readonly appId: string;
};

/** A random namespace, fixed for ever: with another one a retry would give the row another id than its event has. */
const namespace = parse("0b1c9d0e-6a57-4f0e-9d39-5c4f4fb0a6d1");

/**
 * Stores the profile that WeChat encrypted for this mini-program. The event comes first and contains only the profile's id; the
 * row follows: if the change is interrupted between the two, the client's retry completes it, because the id is derived from
 * the command and the encrypted data. An unchanged profile, or one that WeChat issued before the stored one, changes nothing; what WeChat
 * does not tell stays as it is stored.
 * Rejects with ProfileRefused, with AccountGone before anything is written, and as HandleCommand does. A repeat of a stored change
 * succeeds after another login too.
 */
export async function changeProfile(
  { pool, sessionKeys, handleCommand, appId }: ChangeProfileDependencies,
  { readerId, sealed, sessionKey: own, blankNickname }: NewProfile,
  context: CommandContext,
): Promise<CommandResult> {
  const profileId = newProfileId(readerId, context.commandId, sealed);
  const open = async () => {
    const sessionKey = own ?? (await sessionKeys.load(readerId));
    if (sessionKey === undefined) {
      throw new ProfileRefused(
        "session_key_missing",
        "The WeChat session of the last login has expired; log in, then get the profile again.",
      );
    }
    return openProfile(sealed, sessionKey, appId, blankNickname);
  };
  let change: OpenedProfile | undefined;
  const chooseId = async () => {
    const opened = await open();
    const current = await profileOf(pool, readerId);
    if (current !== undefined && (opened.watermarkAt < current.watermarkAt || isSame(opened, current))) {
      return current.profileId;
    }
    change = opened;
    return profileId;
  };
  const result = await recordProfile({ handleCommand }, { readerId, chooseId }, context);
  // A repeat no longer needs the session of its login, unless its first sending was interrupted before the row was written.
  if (result.outcome === "repeated" && (await profileOf(pool, readerId))?.profileId !== profileId)
    change = await open();
  if (change !== undefined) {
    const { profile, untold, watermarkAt } = change;
    await saveProfile(pool, readerId, { ...profile, profileId, watermarkAt }, untold);
  }
  return result;
}

/**
 * Derived from the encrypted bytes, not from the profile, so that the content of an erased profile cannot be guessed
 * from it.
 */
function newProfileId(readerId: string, commandId: string, { iv, encryptedData }: SealedProfile): string {
  const bytes = createHash("sha256").update(`${iv}\n${encryptedData}`).digest("hex");
  return uuidv5(`${readerId}\n${commandId}\n${bytes}`, namespace);
}

const fields = ["nickname", "avatarUrl", "gender"] as const;

const isSame = ({ profile, untold }: OpenedProfile, stored: Profile) =>
  fields.every((field) => untold.includes(field) || profile[field] === stored[field]);
