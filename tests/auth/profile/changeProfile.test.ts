import { createSecretKey, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sealProfile } from "../../../embedded/wechat/profile.ts";
import type { ChangeProfileDependencies } from "../../../src/auth/profile/changeProfile.ts";
import { createSessionKeys } from "../../../src/auth/sessionKeys.ts";
import { createHandleCommand } from "../../../src/commands/handleCommand.ts";
import { OutcomeUnknown } from "../../../src/event-store/errors.ts";
import { accountEndpoints } from "../../../src/http/account/endpoints.ts";
import { createPool, type Pool } from "../../../src/platform/postgres.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import { inMemoryEventStore } from "../../commands/inMemoryEventStore.ts";
import { json, logToMemory, readerId, startApi } from "../../http/startApi.ts";
import { freshDatabase } from "../../support/database.ts";
import { redisUrl } from "../../support/redis.ts";

const appId = "wx0123456789abcdef";
const openid = "o-of-daiyu-which-stays-secret";
const sessionKey = randomBytes(16).toString("base64");
const log = logToMemory();

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let redis: Redis;
let eventStore: ReturnType<typeof inMemoryEventStore>;
let sessionKeys: ReturnType<typeof createSessionKeys>;
let deps: ChangeProfileDependencies;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger: log.logger });
  redis = connectRedis({ url: await redisUrl(), blocking: false, logger: log.logger });
});
afterAll(async () => {
  redis.disconnect();
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await pool.query("TRUNCATE accounts CASCADE");
  await pool.query("INSERT INTO accounts (reader_id, openid, registered_at) VALUES ($1, $2, now())", [
    readerId,
    openid,
  ]);
  eventStore = inMemoryEventStore();
  sessionKeys = createSessionKeys({ redis, keys: [{ kid: "k", key: createSecretKey(randomBytes(32)) }] });
  await sessionKeys.save(readerId, sessionKey);
  const handleCommand = createHandleCommand({ eventStore, logger: log.logger });
  deps = { pool, sessionKeys, handleCommand, appId };
  api = await startApi(accountEndpoints(deps), { logger: log.logger });
  return () => api.close();
});

const sealed = (user: string, second = 1_700_000_000, gender: 0 | 1 | 2 = 0) =>
  sealProfile(user, { openid, appid: appId, sessionKey, now: second * 1_000, gender });
const put = async (body: object, headers: Record<string, string> = {}, to = api) => {
  const { headers: type, ...rest } = json(body);
  const response = await to.fetch("/v1/me/profile", { method: "PUT", ...rest, headers: { ...type, ...headers } });
  return { status: response.status, body: (await response.json()) as { code?: string; events?: string[] } };
};
const nickname = async () => {
  const me = (await (await api.fetch("/v1/me")).json()) as { profile: { nickname: string } | null };
  return me.profile?.nickname;
};
const written = () => eventStore.log.map(({ stream, type }) => `${stream} ${type}`);
const changed = `account-${readerId} ReaderProfileChanged`;

describe("PUT /v1/me/profile", () => {
  test("takes the profile over, and GET /v1/me shows it at once", async () => {
    expect(await nickname()).toBeUndefined();
    expect(await put(sealed("林黛玉"))).toMatchObject({ status: 200, body: { events: ["ReaderProfileChanged"] } });
    const { profile } = (await (await api.fetch("/v1/me")).json()) as { profile: object };
    expect(profile).toEqual({
      nickname: "林黛玉",
      avatarUrl: expect.stringMatching(/^https:\/\/thirdwx\.qlogo\.cn\//),
      gender: null,
      updatedAt: expect.any(String),
    });
    expect(written()).toEqual([changed]);
  });

  test("takes it without rawData and signature too", async () => {
    const { encryptedData, iv } = sealed("林黛玉");
    expect((await put({ encryptedData, iv })).status).toBe(200);
    expect(await nickname()).toBe("林黛玉");
  });

  test("writes nothing for the same profile, sealed anew or repeated with its key", async () => {
    const body = sealed("林黛玉");
    const key = { "idempotency-key": "01890a5d-ac96-474b-8cce-b302099a8057" };
    const first = await put(body, key);
    expect(await put(body, key)).toEqual(first);
    expect((await put(sealed("林黛玉", 1_700_000_060))).body.events).toEqual([]);
    expect(written()).toEqual([changed]);
  });

  test("is the same when it is repeated after another login, or long after it", async () => {
    const body = sealed("林黛玉");
    const key = { "idempotency-key": "01890a5d-ac96-474b-8cce-b302099a8059" };
    const first = await put(body, key);
    await sessionKeys.save(readerId, randomBytes(16).toString("base64"));
    expect(await put(body, key)).toEqual(first);
    await sessionKeys.forget(readerId);
    expect(await put(body, key)).toEqual(first);
    expect((await put(body)).body.code).toBe("session_key_missing");
    expect([written(), await nickname()]).toEqual([[changed], "林黛玉"]);
  });

  test("takes the newer of two, whichever comes last", async () => {
    await put(sealed("林黛玉", 1_700_000_100));
    expect((await put(sealed("颦颦", 1_700_000_099))).body.events).toEqual([]);
    expect(await nickname()).toBe("林黛玉");
    await put(sealed("潇湘妃子", 1_700_000_100));
    expect(await nickname()).toBe("潇湘妃子");
    expect(written()).toEqual([changed, changed]);
  });

  test("keeps what WeChat does not tell", async () => {
    const shown = async () => {
      const { profile } = (await (await api.fetch("/v1/me")).json()) as { profile: Record<string, unknown> };
      return [profile.nickname, profile.avatarUrl, profile.gender];
    };
    await put(sealed("林黛玉", 1_700_000_001, 2));
    const [, avatar] = await shown();
    // A front end that is released today gets nobody's name, picture or gender.
    expect((await put(sealed("微信用户", 1_700_000_002))).body.events).toEqual([]);
    expect(await shown()).toEqual(["林黛玉", avatar, "female"]);
    expect((await put(sealed("颦颦", 1_700_000_003))).body.events).toEqual(["ReaderProfileChanged"]);
    expect(await shown()).toEqual(["颦颦", expect.not.stringMatching(String(avatar)), "female"]);
    await put(sealed("微信用户", 1_700_000_004, 1));
    expect((await shown()).toSpliced(1, 1)).toEqual(["颦颦", "male"]);
    expect(written()).toEqual([changed, changed, changed]);
  });

  test("is stored as it is if nothing else is known", async () => {
    await put(sealed("微信用户"));
    expect(await nickname()).toBe("微信用户");
  });

  test("of many at once keeps the newest", async () => {
    await Promise.all([3, 1, 5, 2, 4].map((second) => put(sealed(`第${second}`, 1_700_000_000 + second))));
    expect(await nickname()).toBe("第5");
  });

  test("that was cut off after its event is mended by its repeat", async () => {
    const gone = createPool({ url: "postgres://nobody@127.0.0.1:1/none", max: 1, service: "test", logger: log.logger });
    const half = { ...pool, query: (...args: Parameters<Pool["query"]>) => halfway(...args) } as unknown as Pool;
    const halfway = (async (query: { name: string }) =>
      query.name === "save-profile" ? gone.query("SELECT 1") : pool.query(query as never)) as unknown as Pool["query"];
    const cutOff = await startApi(accountEndpoints({ ...deps, pool: half }), { logger: log.logger });
    const body = sealed("林黛玉");
    const key = { "idempotency-key": "01890a5d-ac96-474b-8cce-b302099a8058" };
    expect(await put(body, key, cutOff)).toMatchObject({ status: 503, body: { code: "dependency_unavailable" } });
    await Promise.all([cutOff.close(), gone.end()]);
    expect([written(), await nickname()]).toEqual([[changed], undefined]);
    expect(await put(body, key)).toMatchObject({ status: 200, body: { events: ["ReaderProfileChanged"] } });
    expect([written(), await nickname()]).toEqual([[changed], "林黛玉"]);
    const { rows } = await pool.query("SELECT profile_id FROM profiles WHERE reader_id = $1", [readerId]);
    expect(rows).toEqual([{ profile_id: (eventStore.log[0]!.data as { profileId: string }).profileId }]);
  });

  test("of a deleted account writes nothing, and its token is refused", async () => {
    await pool.query("TRUNCATE accounts CASCADE");
    expect(await put(sealed("林黛玉"))).toMatchObject({ status: 401, body: { code: "token_invalid" } });
    expect(written()).toEqual([]);
    expect((await api.fetch("/v1/me")).status).toBe(401);
  });

  test("whose account is deleted after its event is refused too", async () => {
    const handleCommand: ChangeProfileDependencies["handleCommand"] = async (...given) => {
      const result = await deps.handleCommand(...given);
      await pool.query("TRUNCATE accounts CASCADE");
      return result;
    };
    const late = await startApi(accountEndpoints({ ...deps, handleCommand }), { logger: log.logger });
    expect(await put(sealed("林黛玉"), {}, late)).toMatchObject({ status: 401, body: { code: "token_invalid" } });
    await late.close();
  });

  test("whose event may not be written changes nothing yet", async () => {
    const handleCommand = async () => Promise.reject(new OutcomeUnknown("no answer"));
    const broken = await startApi(accountEndpoints({ ...deps, handleCommand }), { logger: log.logger });
    expect(await put(sealed("林黛玉"), {}, broken)).toMatchObject({ status: 503, body: { code: "outcome_unknown" } });
    await broken.close();
    expect(await nickname()).toBeUndefined();
  });
});

describe("a profile is refused", () => {
  test("without a session of WeChat's", async () => {
    await redis.flushdb();
    expect(await put(sealed("林黛玉"))).toMatchObject({ status: 409, body: { code: "session_key_missing" } });
  });

  test("that was sealed for another session, signed for none, or given to another app", async () => {
    const other = { openid, appid: appId, sessionKey: randomBytes(16).toString("base64"), now: Date.now() };
    const { encryptedData, iv } = sealProfile("林黛玉", other);
    expect(await put({ encryptedData, iv })).toMatchObject({ status: 422, body: { code: "profile_undecryptable" } });
    const unsigned = { ...sealed("林黛玉"), signature: "0".repeat(40) };
    expect(await put(unsigned)).toMatchObject({ status: 422, body: { code: "profile_signature_invalid" } });
    const foreign = sealProfile("林黛玉", { openid, appid: "wxffffffffffffffff", sessionKey, now: Date.now() });
    expect(await put(foreign)).toMatchObject({ status: 422, body: { code: "profile_of_another_app" } });
    expect([written(), await nickname()]).toEqual([[], undefined]);
  });

  test.each([
    ["no iv", { iv: undefined }],
    ["an iv of 15 bytes", { iv: randomBytes(15).toString("base64url") }],
    ["encryptedData that is no base64", { encryptedData: "???" }],
    ["encryptedData beyond all measure", { encryptedData: "AAAA".repeat(5_000) }],
    ["rawData without a signature", { signature: undefined }],
    ["a signature without rawData", { rawData: undefined }],
    ["a signature of another form", { signature: "0".repeat(39) }],
    ["another field", { readerId: "01890a5d-ac96-774b-bcce-b302099a8058" }],
  ])("with %s", async (_what, change) => {
    expect(await put({ ...sealed("林黛玉"), ...change })).toMatchObject({
      status: 400,
      body: { code: "invalid_request" },
    });
  });
});

test("neither openid nor nickname nor session_key is in an event, in the log or in an answer", async () => {
  await put(sealed("林黛玉"));
  await put({ ...sealed("林黛玉"), signature: "0".repeat(40) });
  const me = await (await api.fetch("/v1/me")).text();
  await expect.poll(() => log.lines().filter(({ status }) => status !== undefined).length).toBeGreaterThanOrEqual(3);
  const events = JSON.stringify(eventStore.log, (_, value) => (typeof value === "bigint" ? String(value) : value));
  for (const secret of [openid, sessionKey]) {
    for (const text of [me, events, log.text()]) expect(text).not.toContain(secret);
  }
  for (const text of [events, log.text()]) expect(text).not.toContain("林黛玉");
});
