import { createHash } from "node:crypto";
import { parse, v5 as uuidv5 } from "uuid";
import { recordProfile } from "../../commands/account/recordProfile.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../../commands/types.ts";
import type { Pool } from "../../platform/postgres.ts";
import { ProfileRefused } from "../errors.ts";
import type { SessionKeys } from "../sessionKeys.ts";
import { openProfile, type Profile, type SealedProfile } from "./openProfile.ts";
import { profileOf, saveProfile } from "./profiles.ts";

export type ChangeProfileDeps = {
  readonly pool: Pool;
  readonly sessionKeys: Pick<SessionKeys, "load">;
  readonly handleCommand: HandleCommand;
  readonly appId: string;
};

/** Ours, made once at random. Another one would give the row of a repeat another id than its event has. */
const namespace = parse("0b1c9d0e-6a57-4f0e-9d39-5c4f4fb0a6d1");

/**
 * Takes over the profile that WeChat sealed for this mini-program. The event comes first and names the profile by an id only;
 * the row comes after it: a change that was cut off between the two is mended when the client repeats it, for the id comes
 * of the command and what was sealed. The same profile again, and one that WeChat gave out before the one we have, change
 * nothing. Rejects with ProfileRefused, with AccountGone before anything is written, and as HandleCommand does.
 */
export async function changeProfile(
  { pool, sessionKeys, handleCommand, appId }: ChangeProfileDeps,
  { readerId, sealed }: { readerId: string; sealed: SealedProfile },
  context: CommandContext,
): Promise<CommandResult> {
  const sessionKey = await sessionKeys.load(readerId);
  if (sessionKey === undefined) {
    throw new ProfileRefused(
      "session_key_missing",
      "The last login is too long ago; log in, then get the profile again.",
    );
  }
  const { profile, watermarkAt } = openProfile(sealed, sessionKey, appId);
  const current = await profileOf(pool, readerId);
  const changes = current === undefined || (watermarkAt >= current.watermarkAt && !isSame(profile, current));
  const profileId = changes ? newProfileId(readerId, context.commandId, sealed) : current.profileId;
  const result = await recordProfile({ handleCommand }, { readerId, profileId }, context);
  if (changes) await saveProfile(pool, readerId, { ...profile, profileId, watermarkAt });
  return result;
}

/** Of the sealed bytes, not of the profile: nobody can find out by guessing what an erased profile said. */
function newProfileId(readerId: string, commandId: string, { iv, encryptedData }: SealedProfile): string {
  const bytes = createHash("sha256").update(`${iv}\n${encryptedData}`).digest("hex");
  return uuidv5(`${readerId}\n${commandId}\n${bytes}`, namespace);
}

const isSame = (a: Profile, b: Profile) =>
  a.nickname === b.nickname && a.avatarUrl === b.avatarUrl && a.gender === b.gender;
