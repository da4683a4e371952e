import { createSecretKey, randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createAccessTokens } from "../../src/auth/accessTokens.ts";
import { markErased } from "../../src/auth/erasure/markErased.ts";
import type { LoginDependencies } from "../../src/auth/login.ts";
import { createRefreshTokens } from "../../src/auth/refreshTokens.ts";
import { createSessionKeys } from "../../src/auth/sessionKeys.ts";
import { createCode2Session } from "../../src/auth/wechat/code2Session.ts";
import { createHandleCommand } from "../../src/commands/handleCommand.ts";
import { OutcomeUnknown } from "../../src/event-store/errors.ts";
import { accountEndpoints } from "../../src/http/account/endpoints.ts";
import { authEndpoints } from "../../src/http/auth/endpoints.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { connectRedis, type Redis } from "../../src/platform/redis.ts";
import { inMemoryEventStore } from "../commands/inMemoryEventStore.ts";
import { json, logToMemory, startApi, tokenKeys } from "../http/startApi.ts";
import { freshDatabase } from "../support/database.ts";
import { redisUrl } from "../support/redis.ts";
import { wechat, wechatApp } from "../support/wechat.ts";

type LoggedIn = {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
  reader: { id: string; isNew: boolean };
};

const log = logToMemory();
const sessions: { openid: string; sessionKey: string }[] = [];
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let redis: Redis;
let eventStore: ReturnType<typeof inMemoryEventStore>;
let deps: LoginDependencies;
let api: Awaited<ReturnType<typeof startApi>>;

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger: log.logger });
  redis = connectRedis({ url: await redisUrl(), blocking: false, commandTimeoutMs: 300, logger: log.logger });
});
afterAll(async () => {
  redis.disconnect();
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await pool.query("TRUNCATE accounts CASCADE");
  eventStore = inMemoryEventStore();
  const ask = createCode2Session({ apiUrl: wechat().url, appId: wechatApp.appid, secret: wechatApp.secret });
  deps = {
    async code2Session(code) {
      const session = await ask(code);
      sessions.push(session);
      return session;
    },
    pool,
    sessionKeys: createSessionKeys({ redis, keys: [{ kid: "k", key: createSecretKey(randomBytes(32)) }] }),
    handleCommand: newHandleCommand(),
    tokens: createAccessTokens(tokenKeys),
    refreshTokens: createRefreshTokens({ pool, lifetimeDays: 30 }),
  };
  api = await startApi(endpointsOf(deps), { logger: log.logger });
  return () => api.close();
});

const endpointsOf = (given: LoginDependencies) => [
  ...authEndpoints(given),
  ...accountEndpoints({ ...given, appId: wechatApp.appid }),
];
const newHandleCommand = () => createHandleCommand({ eventStore, logger: log.logger, repeatPausesMs: [1, 1, 1] });

const post = async (code: string, url = api.url) => {
  const response = await fetch(`${url}/v1/auth/wechat`, { method: "POST", ...json({ code }) });
  return { status: response.status, headers: response.headers, body: await response.json() };
};
const loginAs = async (user: string) => (await post(await wechat().login(user))).body as LoggedIn;
const accounts = async () => (await pool.query("SELECT reader_id, openid FROM accounts")).rows;
const registrations = () => eventStore.log.map(({ stream, type, data }) => ({ stream, type, data }));

describe("a login", () => {
  test("registers a new reader and gives a token that works", async () => {
    const { status, headers, body } = await post(await wechat().login("daiyu"));
    const { accessToken, expiresIn, reader } = body as LoggedIn;
    expect({ status, expiresIn, isNew: reader.isNew }).toEqual({ status: 200, expiresIn: 900, isNew: true });
    expect(headers.get("cache-control")).toBe("no-store");
    // Version 4: it does not contain the time of registration.
    expect(reader.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(registrations()).toEqual([
      { stream: `account-${reader.id}`, type: "ReaderRegistered", data: { via: "wechat" } },
    ]);

    const me = await fetch(`${api.url}/v1/me`, { headers: { authorization: `Bearer ${accessToken}` } });
    const { rows } = await pool.query("SELECT registered_at FROM accounts");
    expect(await me.json()).toEqual({
      id: reader.id,
      roles: ["reader"],
      registeredAt: rows[0].registered_at.toISOString(),
      profile: null,
    });
  });

  test("finds the reader who was here before, also after a restart", async () => {
    const first = await loginAs("daiyu");
    const again = await loginAs("daiyu");
    await api.close();
    api = await startApi(endpointsOf({ ...deps, handleCommand: newHandleCommand() }), { logger: log.logger });
    const later = await loginAs("daiyu");
    const other = await loginAs("baoyu");
    expect([again.reader, later.reader]).toEqual([
      { id: first.reader.id, isNew: false },
      { id: first.reader.id, isNew: false },
    ]);
    expect(other.reader.isNew).toBe(true);
    expect(registrations().map(({ stream }) => stream)).toEqual([
      `account-${first.reader.id}`,
      `account-${other.reader.id}`,
    ]);
  });

  test("with a used code has a separate problem", async () => {
    const code = await wechat().login("daiyu");
    await post(code);
    expect(await post(code)).toMatchObject({ status: 401, body: { code: "wechat_code_used" } });
    expect(await post("made up")).toMatchObject({ status: 401, body: { code: "wechat_code_invalid" } });
  });

  test("that is a reader's first, three times at once, makes one reader", async () => {
    for (let round = 0; round < 10; round++) {
      const codes = await Promise.all([1, 2, 3].map(() => wechat().login(`twin-${round}`)));
      const bodies = await Promise.all(codes.map(async (code) => (await post(code)).body as LoggedIn));
      expect(new Set(bodies.map(({ reader }) => reader.id)).size).toBe(1);
      expect(bodies.filter(({ reader }) => reader.isNew).length).toBe(1);
    }
    expect((await accounts()).length).toBe(10);
    expect(registrations().length).toBe(10);
  });

  test("that was cut off after the account row is mended by the next, which is then the first", async () => {
    const failing: LoginDependencies = {
      ...deps,
      handleCommand: async () => {
        throw new OutcomeUnknown("no answer");
      },
    };
    const cutOff = await startApi(endpointsOf(failing), { logger: log.logger });
    expect(await post(await wechat().login("daiyu"), cutOff.url)).toMatchObject({
      status: 503,
      body: { code: "outcome_unknown" },
    });
    await cutOff.close();
    const [row] = await accounts();
    expect(registrations()).toEqual([]);

    const { reader } = await loginAs("daiyu");
    expect(reader).toEqual({ id: row.reader_id, isNew: true });
    expect(registrations().length).toBe(1);
  });
});

describe("a login whose account is erased meanwhile", () => {
  /** Logs in while each of the first `times` accounts is erased after `step`. */
  const loginErased = async (step: "registration" | "session key", times: number) => {
    let left = times;
    const erase = async (readerId: string) => {
      if (left-- > 0) await markErased(pool, readerId);
    };
    const late = await startApi(
      endpointsOf({
        ...deps,
        handleCommand: async (stream, id, ...rest) => {
          const result = await deps.handleCommand(stream, id, ...rest);
          if (step === "registration") await erase(id);
          return result;
        },
        sessionKeys: {
          ...deps.sessionKeys,
          async save(readerId, key) {
            await deps.sessionKeys.save(readerId, key);
            if (step === "session key") await erase(readerId);
          },
        },
      }),
      { logger: log.logger },
    );
    const answer = await post(await wechat().login("daiyu"), late.url);
    await late.close();
    return answer;
  };

  test.each(["registration", "session key"] as const)("after the %s is one of a new reader", async (step) => {
    const before = await loginAs("daiyu");
    const { status, body } = await loginErased(step, 1);
    const { accessToken, refreshToken, reader } = body as LoggedIn;
    expect({ status, isNew: reader.isNew }).toEqual({ status: 200, isNew: true });
    expect(reader.id).not.toBe(before.reader.id);
    const me = await fetch(`${api.url}/v1/me`, { headers: { authorization: `Bearer ${accessToken}` } });
    expect(await me.json()).toMatchObject({ id: reader.id });
    expect((await deps.refreshTokens.rotate(refreshToken)).identity.readerId).toBe(reader.id);
    expect((await loginAs("daiyu")).reader).toEqual({ id: reader.id, isNew: false });
  });

  test("gives up after three accounts", async () => {
    const answer = await loginErased("session key", 3);
    expect(answer).toMatchObject({ status: 503, body: { code: "stream_busy" } });
    expect(answer.headers.get("retry-after")).toBe("1");
  });
});

describe("a refresh token", () => {
  const send = async (path: string, body: unknown) => {
    const response = await fetch(`${api.url}/v1/auth/${path}`, { method: "POST", ...json(body) });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, string>,
    };
  };

  test("gives an access token that works and the next refresh token, without an access token", async () => {
    const { refreshToken } = await loginAs("daiyu");
    const { status, headers, body } = await send("refresh", { refreshToken });
    expect({ status, expiresIn: body.expiresIn }).toEqual({ status: 200, expiresIn: 900 });
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body.refreshToken).not.toBe(refreshToken);
    const me = await fetch(`${api.url}/v1/me`, { headers: { authorization: `Bearer ${body.accessToken}` } });
    expect(me.status).toBe(200);
  });

  test("is worth nothing after the logout, which may be repeated and says nothing of what it knows", async () => {
    const { refreshToken } = await loginAs("daiyu");
    for (const token of [refreshToken, refreshToken, "made-up"]) {
      const { status, body } = await send("logout", { refreshToken: token });
      expect({ status, body }).toEqual({ status: 200, body: {} });
    }
    expect(await send("refresh", { refreshToken })).toMatchObject({
      status: 401,
      body: { code: "refresh_token_revoked" },
    });
    expect(await send("refresh", { refreshToken: "made-up" })).toMatchObject({
      status: 401,
      body: { code: "refresh_token_invalid" },
    });
  });
});

describe("what must stay secret", () => {
  test("is in no line of the log, in no event, and in Redis only in cipher", async () => {
    const code = await wechat().login("daiyu");
    const { body } = await post(code);
    await post(code);
    const { accessToken, refreshToken, reader } = body as LoggedIn;
    await fetch(`${api.url}/v1/me`, { headers: { authorization: `Bearer ${accessToken}` } });
    const { openid, sessionKey } = sessions.at(-1)!;
    expect(await deps.sessionKeys.load(reader.id)).toBe(sessionKey);

    await expect.poll(() => log.lines().filter(({ status }) => status !== undefined).length).toBeGreaterThanOrEqual(3);
    const inRedis = await Promise.all((await redis.keys("*")).map((key) => redis.get(key)));
    expect(inRedis.length).toBeGreaterThan(0);
    const places = {
      log: log.text(),
      events: JSON.stringify(eventStore.log, (_, value) => (typeof value === "bigint" ? String(value) : value)),
      redis: inRedis.join("\n"),
      answer: JSON.stringify(body),
    };
    const secrets = { code, openid, sessionKey, appSecret: wechatApp.secret };
    for (const [place, text] of Object.entries(places)) {
      for (const [name, secret] of Object.entries(secrets))
        expect(text.includes(secret), `${name} in ${place}`).toBe(false);
    }
    for (const token of [accessToken, refreshToken]) expect(log.text()).not.toContain(token);
    const { rows } = await pool.query(
      "SELECT f::text AS family, t::text AS token FROM refresh_families f, refresh_tokens t",
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(refreshToken);
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(refreshToken).toString("hex"));
  });
});

describe("a dependency that is away", () => {
  const refusedBy = async (broken: Partial<LoginDependencies>) => {
    const other = await startApi(endpointsOf({ ...deps, ...broken }), { logger: log.logger });
    const { status, body, headers } = await post(await wechat().login("daiyu"), other.url);
    await other.close();
    return { status, code: (body as { code: string }).code, retryAfter: headers.get("retry-after") };
  };
  const away = { status: 503, code: "dependency_unavailable", retryAfter: "1" };

  test("WeChat: 503", async () => {
    const code2Session = createCode2Session({ apiUrl: "http://127.0.0.1:1", appId: "a", secret: "s" });
    expect(await refusedBy({ code2Session })).toEqual({ ...away, code: "wechat_unreachable" });
  });

  test("Postgres: 503", async () => {
    const gone = createPool({ url: "postgres://nobody@127.0.0.1:1/none", max: 1, service: "test", logger: log.logger });
    expect(await refusedBy({ pool: gone })).toEqual(away);
    await gone.end();
  });

  test("Redis that refuses connections: 503", async () => {
    expect(await loginOver("redis://127.0.0.1:1")).toEqual(away);
  });

  test("Redis that accepts connections and never answers: 503", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    expect(await loginOver(`redis://127.0.0.1:${(silent.address() as AddressInfo).port}`)).toEqual(away);
    silent.close();
  });

  async function loginOver(url: string) {
    const other = connectRedis({ url, blocking: false, commandTimeoutMs: 300, logger: log.logger });
    const keys = [{ kid: "k", key: createSecretKey(randomBytes(32)) }];
    try {
      return await refusedBy({ sessionKeys: createSessionKeys({ redis: other, keys }) });
    } finally {
      other.disconnect();
    }
  }
});

test("me without an account, as after a restored database, is no valid token", async () => {
  const { accessToken } = await loginAs("daiyu");
  await pool.query("TRUNCATE accounts CASCADE");
  const me = await fetch(`${api.url}/v1/me`, { headers: { authorization: `Bearer ${accessToken}` } });
  expect({ status: me.status, body: await me.json() }).toMatchObject({ status: 401, body: { code: "token_invalid" } });
});
