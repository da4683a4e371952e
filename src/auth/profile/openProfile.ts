import { createDecipheriv, createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { isVisible } from "../../domain/visibleText.ts";
import { ProfileRefused } from "../errors.ts";

/** What a reader shows of the WeChat account; WeChat's openid, unionid, phone and place are not taken over. */
export type Profile = {
  readonly nickname: string;
  /** http or https; null if there is none. */
  readonly avatarUrl: string | null;
  /** Null if it is not told, which is what WeChat says of everybody today. */
  readonly gender: "male" | "female" | null;
};

/** As `wx.getUserProfile` gives it to the mini-program. */
export type SealedProfile = {
  readonly encryptedData: string;
  readonly iv: string;
  readonly rawData?: string | undefined;
  readonly signature?: string | undefined;
};

/** In characters; WeChat itself takes fewer. */
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
 * Opens a profile that WeChat sealed for `appId` with the reader's session_key: AES-128-CBC, PKCS#7, all parts in base64
 * (developers.weixin.qq.com, "open-ability/signature"). With `signature` the rawData must be signed too: the SHA-1 of it and
 * the session_key's text. Throws ProfileRefused. What cannot be opened, and what is no profile when it is open, get the same
 * answer: an answer of its own for bad padding would let a client open what is not its own.
 */
export function openProfile(
  sealed: SealedProfile,
  sessionKey: string,
  appId: string,
): { readonly profile: Profile; readonly watermarkAt: Date } {
  if (sealed.signature !== undefined && !isSigned(sealed.rawData ?? "", sealed.signature, sessionKey)) {
    throw new ProfileRefused("profile_signature_invalid", "The signature is not that of rawData and this session.");
  }
  const opened = plain.safeParse(decrypted(sealed, sessionKey));
  if (!opened.success) {
    throw new ProfileRefused(
      "profile_undecryptable",
      "encryptedData cannot be opened with the session of the last login; log in, then get the profile again.",
    );
  }
  const { nickName, avatarUrl, gender, watermark } = opened.data;
  if (watermark.appid !== appId) {
    throw new ProfileRefused("profile_of_another_app", "The profile was given to another mini-program.");
  }
  const nickname = shownNickname(nickName);
  if (!isVisible(nickname)) {
    throw new ProfileRefused(
      "profile_nickname_blank",
      "Nothing of the nickname can be seen; choose another in WeChat.",
    );
  }
  const profile = { nickname, avatarUrl: webUrl(avatarUrl ?? ""), gender: genders[gender] };
  return { profile, watermarkAt: new Date(watermark.timestamp * 1_000) };
}

function isSigned(rawData: string, signature: string, sessionKey: string): boolean {
  const expected = createHash("sha1")
    .update(rawData + sessionKey)
    .digest();
  const given = Buffer.from(signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The JSON within; undefined if it cannot be had. */
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

/** Plain text for other people's eyes: one line, without control characters and marks that turn the text around. */
export function shownNickname(nickname: string): string {
  const clean = nickname.normalize("NFC").replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, "");
  return [...clean.trim()].slice(0, longestNickname).join("");
}

/** It is shown by clients and never fetched by us; normalised, which escapes what a URL must not hold, such as NUL. */
export function webUrl(text: string): string | null {
  if (text.length > longestUrl) return null;
  const url = z.url({ protocol: /^https?$/, normalize: true }).safeParse(text);
  return url.success && url.data.length <= longestUrl ? url.data : null;
}
