import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWechat } from "../../embedded/wechat/server.ts";
import { wechatApp } from "../support/wechat.ts";

let now = Date.parse("2026-11-24T12:00:00Z");
const start = () => startWechat({ port: 0, ...wechatApp, now: () => now });
let server: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

type Query = Record<string, string>;
type Session = { openid: string; session_key: string };
const get = async (path: string, query: Query, base = server.url) => {
  const response = await fetch(`${base}${path}?${new URLSearchParams(query)}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const login = async (query: Query, base = server.url) => String((await get("/wx.login", query, base)).body.code);
const valid = (js_code: string): Query => ({ ...wechatApp, js_code, grant_type: "authorization_code" });
const exchange = async (query: Query, base = server.url) => {
  const { status, body } = await get("/sns/jscode2session", query, base);
  expect(status).toBe(200);
  return body;
};

describe("a fresh code", () => {
  test("gives the openid and a session key of 16 bytes, and nothing else", async () => {
    const session = (await exchange(valid(await login({ user: "林黛玉" })))) as Session;
    expect(Object.keys(session).sort()).toEqual(["openid", "session_key"]);
    expect(session.openid).toMatch(/^o[\w-]{27}$/);
    expect(Buffer.from(session.session_key, "base64")).toHaveLength(16);
  });

  test("gives the same openid at the next login, with another session key; another user has another openid", async () => {
    const [first, second] = (await Promise.all(
      [1, 2].map(async () => exchange(valid(await login({ user: "baoyu" })))),
    )) as [Session, Session];
    const other = (await exchange(valid(await login({ user: "baochai" })))) as Session;
    expect(second.openid).toBe(first.openid);
    expect(second.session_key).not.toBe(first.session_key);
    expect(other.openid).not.toBe(first.openid);
  });

  test("gives the same openid after a restart; codes from before it are invalid", async () => {
    const before = (await exchange(valid(await login({ user: "tanchun" })))) as Session;
    const lost = await login({ user: "tanchun" });
    const restarted = await start();
    try {
      const after = (await exchange(valid(await login({ user: "tanchun" }, restarted.url)), restarted.url)) as Session;
      expect(after.openid).toBe(before.openid);
      expect(await exchange(valid(lost), restarted.url)).toMatchObject({ errcode: 40029 });
    } finally {
      await restarted.close();
    }
  });
});

describe("a code", () => {
  test("works once, also when it is sent twice at the same time", async () => {
    const code = await login({ user: "daiyu" });
    const answers = await Promise.all([exchange(valid(code)), exchange(valid(code))]);
    expect(answers.filter((answer) => "openid" in answer)).toHaveLength(1);
    expect(answers.find((answer) => "errcode" in answer)).toEqual({
      errcode: 40163,
      errmsg: expect.stringMatching(/^code been used, rid: /),
    });
  });

  test("is not used up by a refused exchange", async () => {
    const code = await login({ user: "daiyu" });
    expect(await exchange({ ...valid(code), secret: "wrong" })).toMatchObject({ errcode: 40125 });
    expect(await exchange(valid(code))).toHaveProperty("openid");
  });

  test("lives for five minutes", async () => {
    const [early, late] = [await login({ user: "daiyu" }), await login({ user: "daiyu" })];
    now += 5 * 60_000 - 1;
    expect(await exchange(valid(early))).toHaveProperty("openid");
    now += 1;
    expect(await exchange(valid(late))).toMatchObject({ errcode: 40029 });
  });

  test.each([
    ["-1", "openid"],
    ["45011", "openid"],
    ["40226", "errcode"],
  ])("made with errcode=%s answers it; the repeat has %s", async (errcode, then) => {
    const code = await login({ user: "daiyu", errcode });
    expect(await exchange(valid(code))).toMatchObject({ errcode: Number(errcode) });
    expect(await exchange(valid(code))).toHaveProperty(then);
  });
});

describe("code2Session refuses", () => {
  test.each<[string, Query, number]>([
    ["a missing appid", { appid: "" }, 41002],
    ["a missing secret", { secret: "" }, 41004],
    ["a missing code", { js_code: "" }, 41008],
    ["a foreign appid", { appid: "wx1111111111111111" }, 40013],
    ["a wrong secret", { secret: "x" }, 40125],
    ["another grant type", { grant_type: "client_credential" }, 40002],
    ["an unknown code", { js_code: "0nevermade" }, 40029],
  ])("%s", async (_, change, errcode) => {
    const answer = await exchange({ ...valid(await login({ user: "daiyu" })), ...change });
    expect(answer).toEqual({ errcode, errmsg: expect.stringContaining(", rid: ") });
  });

  test("POST", async () => {
    const response = await fetch(`${server.url}/sns/jscode2session`, { method: "POST" });
    expect(await response.json()).toMatchObject({ errcode: 43001 });
  });
});

describe("wx.login refuses", () => {
  test.each<[string, Query]>([
    ["no user", {}],
    ["an empty user", { user: "" }],
    ["an unknown parameter", { user: "daiyu", usr: "x" }],
    ["an errcode that it cannot play", { user: "daiyu", errcode: "40029" }],
  ])("%s", async (_, query) => {
    expect((await get("/wx.login", query)).status).toBe(400);
  });

  test("an unknown path is 404", async () => {
    expect((await get("/sns/userinfo", {})).status).toBe(404);
  });
});
