import { createSecretKey, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createCourseTokens } from "../../../src/auth/courseTokens.ts";
import type { NamedKey } from "../../../src/platform/config.ts";
import { wechat } from "../../support/wechat.ts";
import { tokenKeys, tokens } from "../startApi.ts";
import { startCourse } from "./startCourse.ts";

let course: Awaited<ReturnType<typeof startCourse>>;
beforeAll(async () => {
  course = await startCourse();
});
afterAll(() => course.close());
beforeEach(async () => {
  await course.pool.query("TRUNCATE accounts CASCADE");
});

type LoggedIn = { token: string; user_info: { uid: string } };
const loginAs = async (user: string, more: object = {}, path = "/users/login") =>
  course.send("POST", path, { body: { code: await wechat().login(user), ...more } });
const tokenOf = async (user: string) => ((await loginAs(user)).body as LoggedIn).token;
const shelf = (token?: string) => course.send("GET", "/mybooks/", token === undefined ? {} : { token });

const sealedFor = async (user: string) => {
  const response = await fetch(`${wechat().url}/wx.getUserProfile?user=${user}`);
  return (await response.json()) as { encryptedData: string; iv: string };
};

describe("a login", () => {
  test("gives a token, the reader and the settings, at both paths, with and without a slash at the end", async () => {
    const first = await loginAs("lin");
    expect(first).toEqual({
      status: 200,
      body: {
        token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        user_info: { uid: expect.stringMatching(/^[0-9a-f-]{36}$/), gender: null, avatarUrl: null },
        config: { preference: null, brightness: 30, fontSize: 14, background: "B1", turn: "T1" },
      },
    });
    const uid = (first.body as LoggedIn).user_info.uid;
    for (const path of ["/users/login/", "/user/login", "/user/login/"]) {
      expect((await loginAs("lin", {}, path)).body).toMatchObject({ user_info: { uid } });
    }
    expect(course.store.eventsOf(`account-${uid}`).map(({ type }) => type)).toEqual(["ReaderRegistered"]);
    expect(JSON.stringify(first.body)).not.toMatch(/session_?key|openid/i);
  });

  test("without a code, with half a profile or with what is no base64 is refused with 403, as the course does", async () => {
    const refused = { status: 403, body: { msg: "参数错误" } };
    expect(await course.send("POST", "/users/login", { body: {} })).toEqual(refused);
    expect(await course.send("POST", "/users/login", { body: { code: "" } })).toEqual(refused);
    expect(await loginAs("lin", { iv: Buffer.alloc(16).toString("base64") })).toEqual(refused);
    expect(await loginAs("lin", { envryptedData: "AAAA" })).toEqual(refused);
    expect(await loginAs("lin", { envryptedData: "?", iv: Buffer.alloc(16).toString("base64") })).toEqual(refused);
  });

  test("with a code that was used, or that WeChat does not know, is refused, and not with 401", async () => {
    const code = await wechat().login("lin");
    await course.send("POST", "/users/login", { body: { code } });
    const used = await course.send("POST", "/users/login", { body: { code } });
    expect(used).toEqual({ status: 403, body: { msg: "登录凭证已使用，请重试" } });
    const unknown = await course.send("POST", "/users/login", { body: { code: "nobody" } });
    expect(unknown).toEqual({ status: 403, body: { msg: "登录凭证无效，请重试" } });
  });

  test("with a profile of another session is refused with 403", async () => {
    await loginAs("seal");
    const old = await sealedFor("seal");
    const { iv, encryptedData } = old;
    expect(await loginAs("seal", { iv, envryptedData: encryptedData })).toEqual({
      status: 403,
      body: { msg: "获取用户信息失败" },
    });
  });

  test("sends null for fields that it does not have", async () => {
    const { status } = await loginAs("lin", { iv: null, envryptedData: null, encryptedData: "" });
    expect(status).toBe(200);
  });
});

describe("a token", () => {
  test("is taken raw and as Bearer", async () => {
    const token = await tokenOf("lin");
    for (const sent of [token, `Bearer ${token}`, `bearer  ${token}`])
      expect(await shelf(sent)).toEqual({ status: 200, body: [] });
  });

  test("is needed, and must be one of the course's", async () => {
    expect(await shelf()).toEqual({ status: 401, body: { msg: "请先登录" } });
    const token = await tokenOf("lin");
    const reader = (await course.courseTokens.verify(token)) as string;
    const ofV1 = tokens.issue({ readerId: reader, roles: ["reader"] }).accessToken;
    const last = token.at(-1) === "A" ? "B" : "A";
    for (const bad of ["x", ofV1, `Bearer ${ofV1}`, `Basic ${token}`, `${token.slice(0, -3)}${last}AA`]) {
      expect(await shelf(bad)).toEqual({ status: 401, body: { msg: "登录已失效，请重新登录" } });
    }
    expect(() => tokens.verify(token)).toThrow("not valid");
  });

  test("that has expired says so", async () => {
    const token = await tokenOf("lin");
    const reader = await course.courseTokens.verify(token);
    const past = createCourseTokens({ keys: tokenKeys, pool: course.pool, lifetimeDays: -1 });
    const expired = await past.issue(reader);
    expect(await shelf(expired)).toEqual({ status: 401, body: { msg: "登录已过期，请重新登录" } });
    expect((await course.send("GET", "/categories/", { token: expired })).status).toBe(200);
  });

  test("needs the key that signed it for as long as it lives", async () => {
    const token = await tokenOf("lin");
    const exchanged = { kid: "exchanged", key: createSecretKey(randomBytes(32)) };
    const verify = (keys: readonly NamedKey[]) =>
      createCourseTokens({ keys, pool: course.pool, lifetimeDays: 30 }).verify(token);
    expect(await verify([exchanged, ...tokenKeys])).toBe(await course.courseTokens.verify(token));
    await expect(verify([exchanged])).rejects.toMatchObject({ code: "token_invalid" });
  });

  test("ends with its login, and with no other", async () => {
    const [one, other] = [await tokenOf("lin"), await tokenOf("lin")];
    const { fam } = JSON.parse(Buffer.from(one.split(".")[1] ?? "", "base64url").toString()) as { fam: string };
    await course.pool.query("UPDATE refresh_families SET revoked_at = now() WHERE family_id = $1", [fam]);
    expect((await shelf(one)).status).toBe(401);
    expect((await shelf(other)).status).toBe(200);
  });

  test("ends with the account, deleted or marked as erased", async () => {
    const [erased, deleted] = [await tokenOf("lin"), await tokenOf("wang")];
    const idOf = (token: string) => course.courseTokens.verify(token);
    await course.pool.query("UPDATE accounts SET erased_at = now() WHERE reader_id = $1", [await idOf(erased)]);
    await course.pool.query("DELETE FROM accounts WHERE reader_id = $1", [await idOf(deleted)]);
    for (const token of [erased, deleted]) expect((await shelf(token)).status).toBe(401);
  });

  test("that is no good asks for public pages like nobody's", async () => {
    expect((await course.send("GET", "/categories/", { token: "x" })).status).toBe(200);
  });

  test("counts the requests of its reader, and those of nobody for nobody", async () => {
    const token = await tokenOf("lin");
    const reader = await course.courseTokens.verify(token);
    course.limited.length = 0;
    await course.send("GET", "/categories/");
    await course.send("GET", "/categories/", { token });
    await shelf(token);
    await shelf("x");
    expect(course.limited).toEqual([reader, reader]);
  });

  test("its family is cleared away when it has expired", async () => {
    const reader = await course.courseTokens.verify(await tokenOf("lin"));
    await createCourseTokens({ keys: tokenKeys, pool: course.pool, lifetimeDays: -1 }).issue(reader);
    const families = async () => (await course.pool.query("SELECT FROM refresh_families")).rowCount;
    expect(await families()).toBe(2);
    await tokenOf("lin");
    expect(await families()).toBe(2);
  });
});
