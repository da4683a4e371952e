import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { ProfileRefused } from "../../../src/auth/errors.ts";
import { openProfile, type SealedProfile } from "../../../src/auth/profile/openProfile.ts";
import { sealedExample, signedExample } from "./vectors.ts";

const { appId, sessionKey, iv, encryptedData, avatarUrl } = sealedExample;
const official = { encryptedData, iv };

const refusal = (sealed: SealedProfile, key = sessionKey, app = appId) => {
  try {
    return openProfile(sealed, key, app);
  } catch (error) {
    expect(error).toBeInstanceOf(ProfileRefused);
    return (error as ProfileRefused).code;
  }
};

/** Seals any text with the key of the example. */
function seal(text: string | Buffer, autoPadding = true): SealedProfile {
  const vector = randomBytes(16);
  const cipher = createCipheriv("aes-128-cbc", Buffer.from(sessionKey, "base64"), vector).setAutoPadding(autoPadding);
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return { encryptedData: sealed.toString("base64"), iv: vector.toString("base64") };
}
const whole = {
  nickName: "黛玉",
  avatarUrl: "https://a.example/1",
  gender: 2,
  watermark: { appid: appId, timestamp: 1 },
};
const sealJson = (change: object) => seal(JSON.stringify({ ...whole, ...change }));

describe("WeChat's own example", () => {
  test("opens to the nickname, avatar and gender, and nothing else", () => {
    expect(openProfile(official, sessionKey, appId)).toEqual({
      profile: { nickname: "Band", avatarUrl, gender: "male" },
      untold: [],
      watermarkAt: new Date("2016-10-24T13:03:07Z"),
    });
  });

  test("is signed as its manual says", () => {
    const { rawData, signature, sessionKey: signingKey } = signedExample;
    // This example has another key than the sealed one, so decryption fails: the signature was accepted.
    expect(refusal({ ...official, rawData, signature }, signingKey)).toBe("profile_undecryptable");
    expect(refusal({ ...official, rawData, signature })).toBe("profile_signature_invalid");
    expect(refusal({ ...official, rawData: `${rawData} `, signature }, signingKey)).toBe("profile_signature_invalid");
  });

  test("opens when its rawData is signed with its own key", () => {
    const rawData = '{"nickName":"Band"}';
    const signature = createHash("sha1")
      .update(rawData + sessionKey)
      .digest("hex");
    expect(openProfile({ ...official, rawData, signature }, sessionKey, appId).profile.nickname).toBe("Band");
  });
});

describe("what is refused", () => {
  test("another mini-program's profile", () => {
    expect(refusal(official, sessionKey, "wx0123456789abcdef")).toBe("profile_of_another_app");
  });

  test.each<[what: string, sealed: SealedProfile, key?: string]>([
    ["another session's key", official, signedExample.sessionKey],
    ["a key of the wrong length", official, "c2hvcnQ="],
    ["another iv", { encryptedData, iv: randomBytes(16).toString("base64") }],
    ["half of it", { encryptedData: encryptedData.slice(0, encryptedData.length / 2), iv }],
    ["bad padding", seal(Buffer.alloc(32, 0x11), false)],
    ["no padding", seal(JSON.stringify({ a: "01234567" }), false)],
    ["no JSON", seal("no json")],
    ["bytes that are no UTF-8", seal(Buffer.from([0x22, 0xff, 0xfe, 0x22]))],
    ["no watermark", sealJson({ watermark: undefined })],
    ["a watermark without a time", sealJson({ watermark: { appid: appId } })],
    ["a watermark of a time that does not exist", sealJson({ watermark: { appid: appId, timestamp: 1e15 } })],
    ["no nickname", sealJson({ nickName: undefined })],
    ["a nickname that is none", sealJson({ nickName: { a: 1 } })],
    ["a list", seal("[]")],
  ])("%s, always with the same answer", (_what, sealed, key) => {
    expect(refusal(sealed, key)).toBe("profile_undecryptable");
  });
});

describe("what a profile says is kept as plain text that fits", () => {
  const profile = (change: object) => openProfile(sealJson(change), sessionKey, appId).profile;

  test.each([
    ["黛玉", "黛玉"],
    ["  a\u0000b\n\u202e c ", "ab c"],
    ["e\u0301", "é"],
    ["🀄".repeat(70), "🀄".repeat(64)],
    ["<b>粗</b>", "<b>粗</b>"],
    ["a\ud800b\u2028", "ab"],
    ["👩\u200d💻", "👩\u200d💻"],
  ])("the nickname %j becomes %j", (nickName, nickname) => {
    expect(profile({ nickName }).nickname).toBe(nickname);
  });

  test.each(["", " 　", "\0", "\u3164", "\u2800\u2800", "\u200b\u{e0041}", "\ud800", "\u202e", "\u0338"])(
    "the nickname %j is refused, or not told",
    (nickName) => {
      expect(refusal(sealJson({ nickName }))).toBe("profile_nickname_blank");
      expect(openProfile(sealJson({ nickName }), sessionKey, appId, "untold")).toMatchObject({
        profile: { nickname: "微信用户", avatarUrl: whole.avatarUrl, gender: "female" },
        untold: ["nickname"],
      });
    },
  );

  test.each([
    ["https://thirdwx.qlogo.cn/a/132", "https://thirdwx.qlogo.cn/a/132"],
    ["", null],
    [null, null],
    [undefined, null],
    ["https://a.example/\0x", "https://a.example/%00x"],
    ["https://a.example/\ud800", "https://a.example/%EF%BF%BD"],
    [`https://a.example/${"\0".repeat(400)}x`, null],
    ["javascript:alert(1)", null],
    ["file:///etc/passwd", null],
    [`https://a.example/${"x".repeat(1_100)}`, null],
  ])("the avatar %j becomes %j", (url, kept) => {
    expect(profile({ avatarUrl: url }).avatarUrl).toBe(kept);
  });

  test.each([
    [0, null],
    [1, "male"],
    [2, "female"],
    [7, null],
    [undefined, null],
  ])("the gender %j becomes %j", (gender, kept) => {
    expect(profile({ gender }).gender).toBe(kept);
  });
});

test.each([
  [{}, []],
  [{ gender: 0 }, ["gender"]],
  [{ nickName: "微信用户" }, ["nickname", "avatarUrl"]],
  [{ nickName: "微信用户", gender: 0 }, ["gender", "nickname", "avatarUrl"]],
  [{ avatarUrl: "" }, []],
])("a profile with %j does not tell %j", (change, untold) => {
  expect(openProfile(sealJson(change), sessionKey, appId).untold).toEqual(untold);
});

test("a nickname of which nobody sees the end is cut before it is normalised, whose time grows with the square of its length", () => {
  const normalize = vi.spyOn(String.prototype, "normalize");
  const { profile } = openProfile(sealJson({ nickName: `e${"\u0301\u0316".repeat(4_000)}` }), sessionKey, appId);
  const lengths = normalize.mock.contexts.map((text) => String(text).length);
  normalize.mockRestore();
  expect(Math.max(...lengths)).toBe(8 * 64);
  expect([...profile.nickname]).toHaveLength(64);
});
