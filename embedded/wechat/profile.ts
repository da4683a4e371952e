import { createCipheriv, createHash, randomBytes } from "node:crypto";

/** The result of the mini-program's wx.getUserProfile. */
export type SealedProfile = {
  readonly rawData: string;
  readonly signature: string;
  readonly encryptedData: string;
  readonly iv: string;
};

/**
 * Seals a user's profile as WeChat does: AES-128-CBC, PKCS#7, with the session_key; the signature is the SHA-1 of rawData and
 * the key's text. `gender` is 0 (unknown), 1 (male) or 2 (female).
 */
export function sealProfile(
  user: string,
  {
    openid,
    appid,
    sessionKey,
    now,
    gender = 0,
  }: { openid: string; appid: string; sessionKey: string; now: number; gender?: 0 | 1 | 2 },
): SealedProfile {
  const avatarUrl = `https://thirdwx.qlogo.cn/mmopen/vi_32/${createHash("sha256").update(user).digest("base64url")}/132`;
  const shown = { nickName: user, gender, language: "zh_CN", city: "", province: "", country: "", avatarUrl };
  const watermark = { timestamp: Math.floor(now / 1_000), appid };
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-128-cbc", Buffer.from(sessionKey, "base64"), iv);
  const text = JSON.stringify({ openId: openid, ...shown, watermark });
  const rawData = JSON.stringify(shown);
  return {
    rawData,
    signature: createHash("sha1")
      .update(rawData + sessionKey)
      .digest("hex"),
    encryptedData: Buffer.concat([cipher.update(text, "utf8"), cipher.final()]).toString("base64"),
    iv: iv.toString("base64"),
  };
}
