import { resolve } from "node:path";
import { createAccessTokens } from "../auth/accessTokens.ts";
import { createCourseTokens } from "../auth/courseTokens.ts";
import { watchErasedReaders } from "../auth/erasure/erasedReaders.ts";
import { withoutErased } from "../auth/erasure/requireNotErased.ts";
import { createRefreshTokens } from "../auth/refreshTokens.ts";
import { requireRole } from "../auth/requireRole.ts";
import { createSessionKeys } from "../auth/sessionKeys.ts";
import { createCode2Session } from "../auth/wechat/code2Session.ts";
import { streamsOf } from "../commands/account/readerEvents.ts";
import { createHandleCommand } from "../commands/handleCommand.ts";
import { createKeywordRecorder } from "../commands/keywords/recordKeywords.ts";
import { createVisitors } from "../commands/keywords/visitors.ts";
import { createBookExists } from "../commands/library/bookExists.ts";
import { createChapterNumber, readsOfReader } from "../commands/library/chapterNumbers.ts";
import { createSnapshotStore } from "../commands/snapshots/snapshotStore.ts";
import { createSnapshots } from "../commands/snapshots/snapshots.ts";
import { prepareTextPatterns } from "../domain/searchText/textPattern.ts";
import { streamsOfReader } from "../domain/streams.ts";
import { connectEventStore } from "../event-store/connect.ts";
import { courseEndpoints } from "../http/course/endpoints.ts";
import { docsAndMetricsPages } from "../http/docsAndMetricsPages.ts";
import { allEndpoints } from "../http/endpoints.ts";
import { createReadiness } from "../http/health/readiness.ts";
import { recordingKeywords } from "../http/keywords/recordKeyword.ts";
import { queuesBoard, queuesPath } from "../http/queues/board.ts";
import { createRateLimits } from "../http/rateLimits/rateLimits.ts";
import { createResponseCache } from "../http/responseCache.ts";
import { createApp } from "../http/server/app.ts";
import { serve } from "../http/server/server.ts";
import { watchDependencies } from "../metrics/dependencies.ts";
import { countKeywords } from "../metrics/keywords.ts";
import { watchReadModels } from "../metrics/readModels.ts";
import { createMetrics } from "../metrics/registry.ts";
import { countRequests } from "../metrics/requests.ts";
import { countCacheLookups } from "../metrics/responseCache.ts";
import { countSnapshots } from "../metrics/snapshots.ts";
import { watchVerifications } from "../metrics/verifications.ts";
import { loadConfig } from "../platform/config.ts";
import { createElasticsearch } from "../platform/elasticsearch.ts";
import { createLogger } from "../platform/logger.ts";
import { poolSizes } from "../platform/poolSizes.ts";
import { createPool, requireWritable } from "../platform/postgres.ts";
import { connectRedis, writeToRedis } from "../platform/redis.ts";
import { onShutdown } from "../platform/shutdown.ts";
import { version } from "../platform/version.ts";
import { createAppliedUpTo } from "../projections/appliedUpTo.ts";
import { books } from "../projections/books/books.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import { isInLog } from "../projections/engine/log/logCheck.ts";
import { createReadModelReadiness } from "../projections/engine/progress/readiness.ts";
import { createProjectionsStatus } from "../projections/engine/progress/status.ts";
import { areLive, createProgressTracker } from "../projections/engine/progress/tracker.ts";
import { readModelOf, readModels } from "../projections/registry.ts";
import { indexAlias } from "../projections/views.ts";
import { createWaitFor, keysOfToken } from "../projections/waitFor.ts";
import { readerTablesOf } from "../queries/account/readerRows.ts";
import { createHotLookup } from "../queries/keywords/isHot.ts";
import { openReplayQueue } from "../replay/jobs/queue.ts";
import { createListQueues } from "./listQueues.ts";
import { parkedEventsOf } from "./parkedEvents.ts";
import { rebuildsOf } from "./rebuilds.ts";
import { replayOf } from "./replay.ts";
import { storeSettings, storesOn } from "./stores.ts";

// The API process: executes commands and answers queries.

const config = loadConfig([
  "LOG_LEVEL",
  "HOST",
  "PORT",
  "DATABASE_URL",
  "REDIS_URL",
  "EVENTSTORE_URL",
  ...storeSettings,
  "WECHAT_API_URL",
  "WECHAT_APPID",
  "WECHAT_SECRET",
  "JWT_SECRETS",
  "SESSION_ENCRYPTION_KEYS",
  "REFRESH_TOKEN_DAYS",
  "RATE_LIMIT_READER",
  "RATE_LIMIT_ADDRESS",
  "RATE_LIMIT_LOGIN",
  "TRUST_PROXY",
  "SHELF_CAPACITY",
  "RESPONSE_CACHE_MB",
  "PSEUDONYM_KEYS",
  "REPLAY_DIR",
]);
const logger = createLogger("api", config.LOG_LEVEL);

const pool = createPool({
  url: config.DATABASE_URL,
  max: poolSizes.api.queries,
  statementTimeoutMs: 5_000,
  service: "api",
  logger,
});
const watchPool = createPool({
  url: config.DATABASE_URL,
  max: poolSizes.api.monitoring,
  statementTimeoutMs: 5_000,
  service: "api-watch",
  logger,
});
const redis = connectRedis({ url: config.REDIS_URL, blocking: false, commandTimeoutMs: 2_000, logger });
const eventStore = connectEventStore({ url: config.EVENTSTORE_URL, logger });
const elasticsearch = createElasticsearch(config, { requestTimeoutMs: 2_000, service: "api" });
const subscriber = connectRedis({ url: config.REDIS_URL, blocking: true, logger });
const watchCatalog = createCatalog(watchPool);
const store = storesOn(watchPool, elasticsearch, config.ELASTICSEARCH_PREFIX);
const tracker = createProgressTracker({
  readModels,
  catalog: watchCatalog,
  store,
  subscriber,
  logger,
});
const metrics = createMetrics("api");
const snapshots = createSnapshots({ store: createSnapshotStore(pool), logger, count: countSnapshots(metrics) });
const handleCommand = createHandleCommand({ eventStore, logger, snapshots });
const tokens = createAccessTokens(config.JWT_SECRETS);
const keywordRecorder = createKeywordRecorder({
  eventStore,
  visitorOf: createVisitors(redis),
  count: countKeywords(metrics),
  logger,
});

const commandDeps = {
  commands: { handleCommand, bookExists: createBookExists(eventStore) },
  shelf: { capacity: config.SHELF_CAPACITY },
  reading: { chapterNumber: createChapterNumber(eventStore, { readsOfReader }), eventStore },
};
const erased = watchErasedReaders({
  pool: watchPool,
  redis,
  subscriber,
  logger,
  forget: (readerId) => streamsOfReader(readerId).forEach(handleCommand.forget),
});
const loginDeps = {
  code2Session: createCode2Session({
    apiUrl: config.WECHAT_API_URL,
    appId: config.WECHAT_APPID,
    secret: config.WECHAT_SECRET,
  }),
  pool,
  sessionKeys: createSessionKeys({ redis, keys: config.SESSION_ENCRYPTION_KEYS }),
  handleCommand,
  tokens,
  refreshTokens: createRefreshTokens({ pool, lifetimeDays: config.REFRESH_TOKEN_DAYS }),
};
const readiness = createReadiness(
  {
    postgres: () => requireWritable(watchPool),
    redis: () => writeToRedis(redis),
    eventStore: () => eventStore.ping(),
  },
  createReadModelReadiness({ tracker, catalog: watchCatalog, eventStore, readModels, logger }),
  { elasticsearch: () => elasticsearch.cluster.health() },
);

const projectionsStatus = createProjectionsStatus({
  readModels,
  tracker,
  catalog: watchCatalog,
  eventStore,
  redis,
  logger,
});
watchDependencies(metrics, async () => (await readiness()).dependencies);
watchReadModels(metrics, projectionsStatus.read, logger);
watchVerifications(metrics, () => watchCatalog.lastVerifications(readModels), logger);

const { list, retry, skip } = parkedEventsOf({
  pool,
  redis,
  eventStore,
  handleCommand,
  logger,
  mayDie: false,
  store: storesOn(pool, elasticsearch, config.ELASTICSEARCH_PREFIX),
});

/** For how long the log may seem to end before the position of a token (ms): a node that has just become the leader may lag. */
const tokenLagMs = 1_000;
const liveTokens = withoutErased(tokens, erased.has);
const replayQueue = openReplayQueue(redis, logger);
/** Aborted at shutdown: ends responses that have no end of their own. */
const closing = new AbortController();
const replayDeps = replayOf({
  pool,
  eventStore,
  logger,
  keys: config.PSEUDONYM_KEYS,
  isErased: erased.has,
  closing: closing.signal,
  folder: resolve(config.REPLAY_DIR),
  queue: replayQueue,
});
const accountDeps = { ...loginDeps, appId: config.WECHAT_APPID };
const searchDeps = {
  index: { client: elasticsearch, alias: indexAlias(config.ELASTICSEARCH_PREFIX, books) },
  recordKeyword: recordingKeywords(keywordRecorder),
};
const endpoints = allEndpoints({
  ...commandDeps,
  login: loginDeps,
  account: {
    ...accountDeps,
    erased,
    readerEvents: (readerId, gone) => streamsOf(eventStore, readerId, gone),
    readerTables: readerTablesOf(readModels),
  },
  pool,
  search: {
    ...searchDeps,
    readerOf: (authorization) => requireRole(liveTokens, authorization, "reader").readerId,
  },
  readiness,
  projections: { status: projectionsStatus.read, parked: list, retry, skip, rebuild: rebuildsOf(watchCatalog, redis) },
  replay: replayDeps,
  appliedUpTo: createAppliedUpTo(tracker),
  isInLog: (position, isSame) => isInLog(eventStore, position, isSame, tokenLagMs),
});
const courseTokens = createCourseTokens({
  keys: config.JWT_SECRETS,
  pool,
  lifetimeDays: config.REFRESH_TOKEN_DAYS,
});
const app = createApp({
  endpoints: [
    ...endpoints,
    ...courseEndpoints({
      ...commandDeps,
      courseTokens,
      login: accountDeps,
      search: { ...searchDeps, hotLookup: createHotLookup(pool) },
    }),
  ],
  pages: docsAndMetricsPages(endpoints, version, metrics),
  areas: {
    [queuesPath]: queuesBoard(liveTokens, createListQueues(readModels, watchCatalog, redis)),
  },
  tokens,
  isErased: erased.has,
  waitFor: createWaitFor({ tracker, store, logger }),
  areLive: (names) => areLive(tracker, names),
  ...(config.RESPONSE_CACHE_MB > 0 && {
    responseCache: createResponseCache({
      changes: tracker,
      keysOfToken: (name, token) => keysOfToken(readModelOf(name), token),
      maxBytes: config.RESPONSE_CACHE_MB * 2 ** 20,
      onLookup: countCacheLookups(metrics),
    }),
  }),
  limits: createRateLimits(redis, {
    address: config.RATE_LIMIT_ADDRESS,
    login: config.RATE_LIMIT_LOGIN,
    reader: config.RATE_LIMIT_READER,
  }),
  trustProxy: config.TRUST_PROXY,
  logger,
  onAnswered: countRequests(metrics),
});

prepareTextPatterns();
const server = await serve(app, { host: config.HOST, port: config.PORT, logger });
logger.info({ host: config.HOST, port: server.port }, "the API listens");

onShutdown(logger, [
  ["streams", async () => closing.abort()],
  ["http", server.close],
  ["erased readers", async () => erased.close()],
  ["progress", async () => tracker.close()],
  ["keywords", keywordRecorder.close],
  ["event store", () => eventStore.close()],
  ["elasticsearch", () => elasticsearch.close()],
  ["replays", replayQueue.close],
  [
    "redis",
    async () => {
      redis.disconnect();
      subscriber.disconnect();
    },
  ],
  ["postgres", () => Promise.all([pool.end(), watchPool.end()])],
]);
