import { createDecipheriv, createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { sentUnits } from "../../domain/bounded.ts";
import { isVisible } from "../../domain/visibleText.ts";
import { ProfileRefused } from "../errors.ts";

/** The public part of a WeChat profile; WeChat's openid, unionid, phone number and location are dropped. */
export type Profile = {
  readonly nickname: string;
  /** http or https; null if there is none. */
  readonly avatarUrl: string | null;
  /** Null if unknown, which is what WeChat reports for everybody today. */
  readonly gender: "male" | "female" | null;
};

/** A profile as WeChat issued it. It lacks the `untold` fields, whose stored values stay. A missing nickname is 微信用户. */
export type OpenedProfile = {
  readonly profile: Profile;
  readonly untold: readonly (keyof Profile)[];
  /** When WeChat issued it. */
  readonly watermarkAt: Date;
};

/** As `wx.getUserProfile` returns it to the mini-program. */
export type SealedProfile = {
  readonly encryptedData: string;
  readonly iv: string;
  readonly rawData?: string | undefined;
  readonly signature?: string | undefined;
};

/**
 * The nickname that WeChat gives instead of everybody's own, with a grey avatar, to mini-programs released since November 2022
 * (developers.weixin.qq.com, "小程序用户头像昵称获取规则调整公告").
 */
const anonymous = "微信用户";

/** In characters; WeChat's own limit is lower. */
const longestNickname = 64;
const longestUrl = 1_024;

const genders = { 0: null, 1: "male", 2: "female" } as const;

const plain = z.object({
  nickName: z.string(),
  avatarUrl: z.string().nullish(),
  gender: z.union([z.literal(0), z.literal(1), z.literal(2)]).catch(0),
  watermark: z.object({ appid: z.string(), timestamp: z.int().min(0).max(253_402_300_799) }),
});

/**
 * Decrypts a profile that WeChat encrypted for `appId` with the reader's session_key: AES-128-CBC, PKCS#7, all parts in base64
 * (developers.weixin.qq.com, "open-ability/signature"). With `signature`, rawData must be signed too: the SHA-1 of it followed
 * by the session_key's text. Throws ProfileRefused. Undecryptable data and decrypted data that is not a profile get the same
 * error: a separate error for bad padding would be a padding oracle. An invisible nickname is refused too, or counts as
 * not told.
 */
export function openProfile(
  sealed: SealedProfile,
  sessionKey: string,
  appId: string,
  blankNickname: "refused" | "untold" = "refused",
): OpenedProfile {
  if (sealed.signature !== undefined && !isSigned(sealed.rawData ?? "", sealed.signature, sessionKey)) {
    throw new ProfileRefused("profile_signature_invalid", "The signature does not match rawData and the session.");
  }
  const opened = plain.safeParse(decrypted(sealed, sessionKey));
  if (!opened.success) {
    throw new ProfileRefused(
      "profile_undecryptable",
      "encryptedData cannot be decrypted with the session of the last login; log in, then get the profile again.",
    );
  }
  const { nickName, avatarUrl, gender, watermark } = opened.data;
  if (watermark.appid !== appId) {
    throw new ProfileRefused("profile_of_another_app", "The profile was given to another mini-program.");
  }
  const nickname = shownNickname(nickName);
  const isBlank = !isVisible(nickname);
  if (isBlank && blankNickname === "refused") {
    throw new ProfileRefused(
      "profile_nickname_blank",
      "The nickname has no visible characters; choose another in WeChat.",
    );
  }
  const untold: (keyof Profile)[] = genders[gender] === null ? ["gender"] : [];
  if (isBlank) untold.push("nickname");
  if (nickname === anonymous) untold.push("nickname", "avatarUrl");
  const profile = {
    nickname: isBlank ? anonymous : nickname,
    avatarUrl: webUrl(avatarUrl ?? ""),
    gender: genders[gender],
  };
  return { profile, untold, watermarkAt: new Date(watermark.timestamp * 1_000) };
}

function isSigned(rawData: string, signature: string, sessionKey: string): boolean {
  const expected = createHash("sha1")
    .update(rawData + sessionKey)
    .digest();
  const given = Buffer.from(signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The JSON inside; undefined if it cannot be decrypted. */
function decrypted({ encryptedData, iv }: SealedProfile, sessionKey: string): unknown {
  try {
    const [key, vector] = [sessionKey, iv].map((part) => Buffer.from(part, "base64")) as [Buffer, Buffer];
    const decipher = createDecipheriv("aes-128-cbc", key, vector);
    const bytes = Buffer.concat([decipher.update(encryptedData, "base64"), decipher.final()]);
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Text that is safe to show to others: one line, without control characters and direction marks. */
export function shownNickname(nickname: string): string {
  const sent = nickname.slice(0, sentUnits(longestNickname));
  const clean = sent.normalize("NFC").replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, "");
  return [...clean.trim()].slice(0, longestNickname).join("");
}

/**
 * Clients display it; this server never fetches it. Normalised, which escapes characters that a URL must not contain, such as
 * NUL.
 */
export function webUrl(text: string): string | null {
  if (text.length > longestUrl) return null;
  const url = z.url({ protocol: /^https?$/, normalize: true }).safeParse(text);
  return url.success && url.data.length <= longestUrl ? url.data : null;
}
