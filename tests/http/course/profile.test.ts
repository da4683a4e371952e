import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sealProfile } from "../../../embedded/wechat/profile.ts";
import { markErased } from "../../../src/auth/erasure/markErased.ts";
import { accountStream } from "../../../src/domain/account/stream.ts";
import { newContext } from "../../commands/fixtures.ts";
import { wechatApp } from "../../support/wechat.ts";
import { startCourse } from "./startCourse.ts";

// WeChat keeps the session_key of a user for some days: a profile that was sealed before the login opens with its session.
const session = { openid: "o-course", sessionKey: Buffer.alloc(16, 7).toString("base64") };

let course: Awaited<ReturnType<typeof startCourse>>;
/** Each code has the WeChat session that it names, or else the one above. */
const sessions = new Map<string, typeof session>();
/** Called when a login has its reader. */
let entered: (readerId: string) => Promise<unknown> = async () => {};
beforeAll(async () => {
  course = await startCourse({
    code2Session: async (code) => sessions.get(code) ?? session,
    sessionKeys: { save: async (readerId) => void (await entered(readerId)), load: async () => undefined },
  });
});
afterAll(() => course.close());

const sealed = (appid: string, nickname = "林黛玉") => sealProfile(nickname, { ...session, appid, now: Date.now() });

test.each(["envryptedData", "encryptedData"])("a profile sealed for this session comes as %s", async (field) => {
  await course.pool.query("TRUNCATE accounts CASCADE");
  const { encryptedData, iv } = sealed(wechatApp.appid);
  const body = { code: "any", iv, [field]: encryptedData };
  const { status, body: answer } = await course.send("POST", "/users/login", { body });
  expect(status).toBe(200);
  expect(answer).toMatchObject({
    user_info: { gender: null, avatarUrl: expect.stringMatching(/^https:\/\/thirdwx\.qlogo\.cn\//) },
  });
  const { uid } = (answer as { user_info: { uid: string } }).user_info;
  const { rows } = await course.pool.query("SELECT nickname FROM profiles WHERE reader_id = $1", [uid]);
  expect(rows).toEqual([{ nickname: "林黛玉" }]);
  await course.pool.query("UPDATE profiles SET gender = 'male' WHERE reader_id = $1", [uid]);
  expect((await course.send("POST", "/users/login", { body: { code: "any" } })).body).toMatchObject({
    user_info: { gender: 1 },
  });
});

test.each(["", "\u3164", "\u2800", "\u200b", "\u202e", "\u0338"])(
  "a reader whose nickname %j nobody sees logs in, and keeps the stored one",
  async (blank) => {
    await course.pool.query("TRUNCATE accounts CASCADE");
    const login = async (nickname: string) => {
      const { encryptedData, iv } = sealed(wechatApp.appid, nickname);
      const { status } = await course.send("POST", "/users/login", {
        body: { code: "any", iv, envryptedData: encryptedData },
      });
      const { rows } = await course.pool.query<{ nickname: string; avatar_url: string }>(
        "SELECT nickname, avatar_url FROM profiles",
      );
      return { status, ...rows[0] };
    };
    expect(await login(blank)).toMatchObject({ status: 200, nickname: "微信用户" });
    const named = await login("林黛玉");
    expect(named).toMatchObject({ status: 200, nickname: "林黛玉" });
    expect(await login(blank)).toEqual({ ...named, avatar_url: expect.not.stringMatching(String(named.avatar_url)) });
  },
);

test("logins of one reader at the same time each open their profile with the session of their own code", async () => {
  const codes = Array.from({ length: 8 }, (_, index) => `code ${index}`);
  const answers = codes.map((code) => {
    const own = { ...session, sessionKey: randomBytes(16).toString("base64") };
    sessions.set(code, own);
    const { encryptedData, iv } = sealProfile("林黛玉", { ...own, appid: wechatApp.appid, now: Date.now() });
    return course.send("POST", "/users/login", { body: { code, iv, envryptedData: encryptedData } });
  });
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(codes.map(() => 200));
});

test("a profile of another mini-program is refused", async () => {
  const { encryptedData, iv } = sealed("wx-another-app");
  const refused = await course.send("POST", "/users/login", {
    body: { code: "any", iv, envryptedData: encryptedData },
  });
  expect(refused).toEqual({ status: 403, body: { msg: "获取用户信息失败" } });
});

test.each([
  ["by its mark", async (readerId: string) => markErased(course.pool, readerId)],
  [
    "in the log, as if an older Postgres was restored",
    async (readerId: string) => course.handleCommand(accountStream, readerId, { type: "EraseReader" }, newContext()),
  ],
])("a reader who is erased during a login, %s, logs in as a new one with the profile", async (_, erase) => {
  const { encryptedData, iv } = sealed(wechatApp.appid, "史湘云");
  const readers: string[] = [];
  entered = async (readerId) => {
    readers.push(readerId);
    if (readers.length === 1) await erase(readerId);
  };
  try {
    const { status, body } = await course.send("POST", "/users/login", {
      body: { code: "any", iv, envryptedData: encryptedData },
    });
    expect(status).toBe(200);
    const { token, user_info } = body as { token: string; user_info: { uid: string } };
    expect(new Set(readers).size).toBe(2);
    expect(user_info.uid).toBe(readers[1]);
    expect(await course.courseTokens.verify(token)).toBe(user_info.uid);
    const { rows } = await course.pool.query("SELECT nickname FROM profiles WHERE reader_id = $1", [user_info.uid]);
    expect(rows).toEqual([{ nickname: "史湘云" }]);
  } finally {
    entered = async () => {};
  }
});
