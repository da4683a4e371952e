import express from "express";
import { describe, expect, test } from "vitest";
import { clientOf } from "../../src/event-store/clientOf.ts";
import { loadConfig, type Setting, wrongSettings } from "../../src/platform/config.ts";
import { createElasticsearch } from "../../src/platform/elasticsearch.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { connectRedis } from "../../src/platform/redis.ts";

test.each([
  ["JWT_SECRETS", "a-secret-of-32-characters-or-more", "another-of-32-characters-or-more-"],
  ["SESSION_ENCRYPTION_KEYS", Buffer.alloc(32, 1).toString("base64"), Buffer.alloc(32, 2).toString("base64")],
  ["PSEUDONYM_KEYS", Buffer.alloc(32, 1).toString("base64"), Buffer.alloc(32, 2).toString("base64")],
] as const)("%s has no two keys of one name", (name, first, second) => {
  expect(loadConfig([name], { [name]: `k2:${second},k1:${first}` })[name]).toMatchObject([
    { kid: "k2" },
    { kid: "k1" },
  ]);
  const twice = { [name]: `k1:${second},k1:${first}` };
  expect(() => loadConfig([name], twice)).toThrow(new RegExp(`\\n {2}${name}: must have kids that differ$`));
  expect(wrongSettings(twice)).toContainEqual({ name, problem: "must have kids that differ" });
});

test.each([
  ["PROJECTION_PARTITIONS", "PROJECTION_LANES", 7],
  ["RESPONSE_CACHE_MB", "KEPT_ANSWERS_MB", 12],
] as const)("%s is still read by its former name %s", (name, former, value) => {
  expect(loadConfig([name], { [former]: `${value}` })).toEqual({ [name]: value });
  expect(loadConfig([name], { [former]: `${value}`, [name]: "3" })).toEqual({ [name]: 3 });
  expect(wrongSettings({ [former]: "many" }).map((wrong) => wrong.name)).toContain(name);
});

const logger = createLogger("test", "silent");
const load = <Name extends Setting>(name: Name, value: string) => loadConfig([name], { [name]: value })[name];
const refusal = (name: Setting, value: string) =>
  wrongSettings({ [name]: value }).find((wrong) => wrong.name === name)?.problem;

/** Uses the value like a process: an error that the validation misses throws here, without the name of its setting. */
const use: { readonly [Name in Setting]?: (value: never) => unknown } = {
  DATABASE_URL: async (url: string) => {
    const pool = createPool({ url, max: 1, service: "test", logger });
    await pool.end();
  },
  REDIS_URL: (url: string) => connectRedis({ url, blocking: false, logger }).disconnect(),
  EVENTSTORE_URL: (url: string) => clientOf(url, logger).dispose(),
  ELASTICSEARCH_URL: (url: string) =>
    createElasticsearch(
      { ELASTICSEARCH_URL: url, ELASTICSEARCH_API_KEY: "" },
      { requestTimeoutMs: 100, service: "test" },
    ).close(),
  TRUST_PROXY: (value: number | readonly string[]) => express().set("trust proxy", value),
};

const url = /host|one server|must begin with|encodes nothing|%40/;
const whole = /^must be a whole number from \d+ to \d+$/;

describe("a value that a process could not use, or would use otherwise than it is meant, is refused by its setting", () => {
  test.each<readonly [Setting, RegExp, readonly string[]]>([
    ["PORT", whole, ["0x1F90", "1e3", "8080.0", "+80", "-1", "65536", "8 080", "٣", "http"]],
    ["REFRESH_TOKEN_DAYS", whole, ["0", "366", "30d", "0x1e"]],
    ["SHELF_CAPACITY", whole, ["2_000", "2,000", "Infinity", "NaN"]],
    ["HOST", /address or a name/, ["0.0.0.0:80", "[::]", "http://a", "a b", "1.2.3", "256.0.0.1", "::g"]],
    [
      "DATABASE_URL",
      url,
      ["postgres:heima", "postgres://", "postgres:///heima", "mysql://a/b", "a:5432", "postgres://a,b/c"],
    ],
    [
      "DATABASE_URL",
      url,
      ["postgres://u:%ff@a/b", "postgres://u:50%off@a/b", "postgres://u:p@a/%zz", "postgres://u:p@a:99999/b"],
    ],
    ["DATABASE_URL", url, ["postgres://u:12/3@a/b", "postgres://u:1#2@a/b"]],
    [
      "REDIS_URL",
      url,
      [
        "redis:h",
        "redis:///1",
        "redis:///1?host=/run/x",
        "redis://:%ff@a",
        "redis://:50%off@a",
        "redis://a,b",
        "http://a",
      ],
    ],
    [
      "EVENTSTORE_URL",
      url,
      ["esdb:a", "esdb://", "esdb://a:2113,,b", "esdb://a,b:99999", "esdb://u:%ff@a,b", "esdb://u:p@q@a,b"],
    ],
    ["ELASTICSEARCH_URL", url, ["http:", "http://", "https://e:%ff@a", "https://a,b", "ftp://a", "localhost:9200"]],
    ["WECHAT_API_URL", url, ["https://", "api.weixin.qq.com"]],
    ["ELASTICSEARCH_API_KEY", /ASCII/, ["ключ", "a b", "a\nb"]],
    [
      "TRUST_PROXY",
      /number of proxies/,
      ["10.0.0.0/0", "::/0", "0x1", "1e0", "loopback,", ",", "10.0.0.0/33", "fe80::1%eth0", "10.0.0.0/08x"],
    ],
    ["RATE_LIMIT_READER", /PER_SECOND/, ["20 / 60", "0x14/60", "20/60,", "00", "1e1/60", "/60", "20/"]],
    ["JWT_SECRETS", /kid:secret pairs/, [`k1:${"s".repeat(32)},`, `,k1:${"s".repeat(32)}`, "k1:", ","]],
    ["ALLOW_DEVELOPMENT_TOKENS", /expected/i, ["maybe", "2", "yes,no"]],
    ["LOG_LEVEL", /expected/i, ["verbose", "info,debug"]],
    ["ELASTICSEARCH_PREFIX", /lower-case/, ["Heima", "-a", "a,b", "a*"]],
  ])("%s", (name, problem, values) => {
    for (const value of values) {
      expect(refusal(name, value), value).toMatch(problem);
      expect(() => load(name, value), value).toThrow(new RegExp(`\n  ${name}: `));
      if (value.includes("@")) expect(refusal(name, value)).not.toMatch(/50|off|ff|12|q@/);
    }
  });
});

describe("a value that a process can use is taken as it is meant", () => {
  test.each<readonly [Setting, unknown, string]>([
    ["PORT", 8080, " 8080\t"],
    ["PORT", 8080, " "],
    ["PORT", 0, "0"],
    ["HOST", "::1", "::1"],
    ["HOST", "api.local", "api.local"],
    [
      "DATABASE_URL",
      "postgres://u:p%40q@[::1]:5432/heima?sslmode=require",
      "postgres://u:p%40q@[::1]:5432/heima?sslmode=require",
    ],
    ...[
      "postgresql:///heima?host=/run/postgresql",
      "postgresql:///heima?host=%2Frun%2Fpg",
      "postgres:///heima?host=db.local",
      "postgres://%2Frun%2Fpostgresql/heima",
      "postgres://u:p@%2Frun%2Fpostgresql/heima",
    ].map((url) => ["DATABASE_URL", url, url] as const),
    ["REDIS_URL", "rediss://:p%25@cache.local:6380/2", "rediss://:p%25@cache.local:6380/2"],
    ["EVENTSTORE_URL", "esdb://a:2113,b:2113,c:2113", "esdb://a:2113,b:2113,c:2113"],
    ["EVENTSTORE_URL", "esdb://u:p%40@a,b,c:2114?tls=false", "esdb://u:p%40@a,b,c:2114?tls=false"],
    ["EVENTSTORE_URL", "kurrentdb+discover://cluster.local:2113", "kurrentdb+discover://cluster.local:2113"],
    [
      "ELASTICSEARCH_URL",
      "https://elastic:p@search.local/behind/a/proxy",
      "https://elastic:p@search.local/behind/a/proxy",
    ],
    ["ELASTICSEARCH_URL", "http://localhost:9200", ""],
    [
      "TRUST_PROXY",
      ["10.0.0.0/1", "::/1", "::ffff:10.0.0.0/104", "loopback"],
      "10.0.0.0/1, ::/1,::ffff:10.0.0.0/104,loopback",
    ],
    ["ALLOW_DEVELOPMENT_TOKENS", true, "TRUE"],
    ["REPLAY_DIR", "/数据/a b", " /数据/a b "],
  ])("%s: %j", async (name, meant, given) => {
    const value = load(name, given);
    expect(value).toEqual(meant);
    expect(refusal(name, given)).toBeUndefined();
    await use[name]?.(value as never);
  });
});
