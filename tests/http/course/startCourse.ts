import { createSecretKey, randomBytes } from "node:crypto";
import { createCourseTokens } from "../../../src/auth/courseTokens.ts";
import { createRefreshTokens } from "../../../src/auth/refreshTokens.ts";
import { createSessionKeys } from "../../../src/auth/sessionKeys.ts";
import { createCode2Session } from "../../../src/auth/wechat/code2Session.ts";
import { type CourseDependencies, courseEndpoints } from "../../../src/http/course/endpoints.ts";
import type { Endpoint } from "../../../src/http/endpoint.ts";
import { localsOf } from "../../../src/http/locals.ts";
import type { RateLimits } from "../../../src/http/rateLimits/rateLimits.ts";
import { createApp } from "../../../src/http/server/app.ts";
import { serve } from "../../../src/http/server/server.ts";
import { createElasticsearch } from "../../../src/platform/elasticsearch.ts";
import { migrate } from "../../../src/platform/migrate.ts";
import { createPool } from "../../../src/platform/postgres.ts";
import { connectRedis } from "../../../src/platform/redis.ts";
import type { WaitFor } from "../../../src/projections/waitFor.ts";
import { newProcess } from "../../commands/fixtures.ts";
import { inMemoryEventStore } from "../../commands/inMemoryEventStore.ts";
import { createReadModelTables } from "../../queries/readModelTables.ts";
import { freshDatabase } from "../../support/database.ts";
import { redisUrl } from "../../support/redis.ts";
import { wechat, wechatApp } from "../../support/wechat.ts";
import { logToMemory, tokenKeys, tokens } from "../startApi.ts";

/** Port 9 (discard): nothing answers. */
const nowhere = { ELASTICSEARCH_URL: "http://127.0.0.1:9", ELASTICSEARCH_API_KEY: "" };

/** The endpoint, which fails if it returns an undeclared answer. */
function keptToItsWord(endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    async run(request) {
      const answer = await endpoint.run(request);
      endpoint.response.parse(answer.body);
      return answer;
    },
  };
}

/**
 * The routes of the course on a free port, over empty read models, a log in memory and the stand-in of WeChat. `waited` has what
 * commands waited for, `limited` the readers whose requests were counted, `outcomes` those of commands. `failing` makes the lookup
 * of chapters fail.
 */
export async function startCourse(
  given: Partial<Pick<CourseDependencies["login"], "code2Session" | "sessionKeys">> = {},
) {
  const { logger, lines } = logToMemory();
  const database = await freshDatabase();
  await migrate(database.url, logger);
  const pool = createPool({ url: database.url, max: 4, service: "test", logger });
  const redis = connectRedis({ url: await redisUrl(), blocking: false, commandTimeoutMs: 2_000, logger });
  await createReadModelTables(pool);
  const store = inMemoryEventStore();
  const handleCommand = newProcess(store);
  const waited: Parameters<WaitFor>[] = [];
  const limited: (string | undefined)[] = [];
  const outcomes: string[] = [];
  const failing: { chapterNumber?: Error } = {};
  const limits: RateLimits = {
    byAddress: undefined,
    ofLogins: undefined,
    byReader(_request, response, next) {
      limited.push(localsOf(response).readerId);
      next();
    },
  };
  const courseTokens = createCourseTokens({ keys: tokenKeys, pool, lifetimeDays: 30 });
  const deps: CourseDependencies = {
    courseTokens,
    login: {
      pool,
      handleCommand,
      code2Session: createCode2Session({ apiUrl: wechat().url, appId: wechatApp.appid, secret: wechatApp.secret }),
      sessionKeys: createSessionKeys({ redis, keys: [{ kid: "k", key: createSecretKey(randomBytes(32)) }] }),
      appId: wechatApp.appid,
      ...given,
    },
    commands: { handleCommand, bookExists: async (bookId) => bookId.startsWith("book") },
    shelf: { capacity: 2 },
    reading: {
      async chapterNumber({ chapterId }) {
        if (failing.chapterNumber !== undefined) throw failing.chapterNumber;
        return Number(chapterId.slice(7));
      },
    },
    // tests/queries/search has the course's searches.
    search: {
      index: { client: createElasticsearch(nowhere, { requestTimeoutMs: 1_000, service: "test" }), alias: "books" },
      recordKeyword: () => {},
      hotLookup: async () => () => false,
    },
  };
  const app = createApp({
    endpoints: courseEndpoints(deps).map(keptToItsWord),
    tokens,
    limits,
    logger,
    onAnswered: ({ outcome }) => outcome !== undefined && outcomes.push(outcome),
    waitFor: async (...asked) => {
      waited.push(asked);
      return "current";
    },
  });
  const server = await serve(app, { host: "127.0.0.1", port: 0, logger, quietMs: 0 });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    pool,
    store,
    handleCommand,
    waited,
    limited,
    outcomes,
    failing,
    lines,
    courseTokens,
    refreshTokens: createRefreshTokens({ pool, lifetimeDays: 30 }),
    /** Sends a request with this raw token, and resolves with the status and the JSON of the answer. */
    async send(method: string, path: string, { token, body }: { token?: string; body?: unknown } = {}) {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(token !== undefined && { authorization: token }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    async close() {
      await server.close();
      redis.disconnect();
      await pool.end();
      await database.drop();
    },
  };
}
