import { createSecretKey, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { z } from "zod";
import { maxShelfCapacity } from "../domain/shelf/events.ts";

/**
 * The number of partitions of a read model's first build, unless configured. More partitions mean more jobs for the same
 * events, each with its own statements.
 */
export const defaultPartitions = 2;

/** A named secret: its kid is part of what it signs or encrypts, so that secrets can be rotated one by one. */
export type NamedKey = { readonly kid: string; readonly key: KeyObject };

const keyList = (minBytes: number, decode: (secret: string) => Buffer, format: string) =>
  z
    .string()
    .min(1)
    .transform((list, context): readonly NamedKey[] =>
      list.split(",").map((entry) => {
        const [kid = "", secret = ""] = entry.trim().split(/:(.*)/s);
        const bytes = decode(secret);
        if (!/^[\w.-]{1,32}$/.test(kid) || bytes.length < minBytes) {
          context.addIssue({ code: "custom", message: `must be kid:secret pairs joined by commas, each ${format}` });
          return z.NEVER;
        }
        return { kid, key: createSecretKey(bytes) };
      }),
    )
    // Of two keys of one name one would sign and the other verify.
    .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, "must have kids that differ");

const secretText = (secret: string) => Buffer.from(secret, "utf8");
const secretBase64 = (secret: string) => {
  const bytes = Buffer.from(secret, "base64");
  return bytes.length === 32 ? bytes : Buffer.alloc(0);
};

/** A rate limit: at most `burst` at once, and `perSecond` on average. */
export type Rate = { readonly perSecond: number; readonly burst: number };

const rate = z.string().transform((text, context): Rate | undefined => {
  if (text === "0") return undefined;
  const [, perSecond, burst] = /^(\d{1,6})\/(\d{1,7})$/.exec(text)?.map(Number) ?? [];
  if (perSecond !== undefined && burst !== undefined && perSecond > 0 && burst >= perSecond)
    return { perSecond, burst };
  context.addIssue("must be 0 for no limit, or PER_SECOND/BURST with a burst that is not smaller, as 20/60");
  return z.NEVER;
});

const namedNetworks = ["loopback", "linklocal", "uniquelocal"];

function isNetwork(entry: string): boolean {
  const [, address = "", prefix = "0"] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const version = isIP(address);
  return namedNetworks.includes(entry) || (version !== 0 && Number(prefix) <= (version === 4 ? 32 : 128));
}

/** In the form that express expects; never "all", with which any client could choose its address. */
const trustedProxies = z.string().transform((text, context): number | readonly string[] => {
  if (/^\d$/.test(text)) return Number(text);
  const entries = text.split(",").map((entry) => entry.trim());
  if (entries.every(isNetwork)) return entries;
  context.addIssue("must be the number of proxies in front (0 to 9), or their addresses or networks joined by commas");
  return z.NEVER;
});

const settings = {
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  HOST: z.string().default("0.0.0.0"),
  /** The port on which dispatcher and worker serve their metrics; 0: none. */
  METRICS_PORT: z.coerce.number().int().min(0).max(65535).default(0),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  EVENTSTORE_URL: z.url({ protocol: /^(esdb|kurrentdb)(\+discover)?$/ }),
  /** The URL may contain user and password; ELASTICSEARCH_API_KEY takes precedence. */
  /** Without an answer from it searches respond with 503 and everything else works. */
  ELASTICSEARCH_URL: z.url({ protocol: /^https?$/ }).default("http://localhost:9200"),
  ELASTICSEARCH_API_KEY: z.string().default(""),
  /** The prefix of the names of our indices and aliases, before a hyphen: several installations may share one server. */
  ELASTICSEARCH_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,40}$/, "must be lower-case letters, digits, - and _, with a letter first")
    .default("heima"),
  WECHAT_API_URL: z.url({ protocol: /^https?$/ }).default("https://api.weixin.qq.com"),
  WECHAT_APPID: z.string().min(1),
  WECHAT_SECRET: z.string().min(1),
  /** kid:secret pairs; the first signs, all verify. */
  JWT_SECRETS: keyList(32, secretText, "with at least 32 characters of secret"),
  /** kid:key pairs, keys of 32 bytes in base64; the first encrypts, all decrypt. */
  SESSION_ENCRYPTION_KEYS: keyList(32, secretBase64, "with a key of 32 bytes in base64"),
  /** kid:key pairs, keys of 32 bytes in base64; the first derives the pseudonyms of readers in exports. Unset: no exports. */
  PSEUDONYM_KEYS: keyList(32, secretBase64, "with a key of 32 bytes in base64").optional(),
  /** Where workers write the files of replays and the API reads them: one folder for all processes. */
  REPLAY_DIR: z.string().min(1).default(".data/replays"),
  /** Megabytes of memory and of temporary files, and threads, of each DuckDB that a process opens. */
  DUCKDB_MEMORY_MB: z.coerce.number().int().min(64).max(1_000_000).default(1_024),
  DUCKDB_TEMPORARY_MB: z.coerce.number().int().min(0).max(10_000_000).default(20_480),
  DUCKDB_THREADS: z.coerce.number().int().min(1).max(64).default(2),
  /** The lifetime of an unused refresh token. */
  REFRESH_TOKEN_DAYS: z.coerce.number().int().min(1).max(365).default(30),
  /** Whether `heima token` may issue tokens without a login. */
  ALLOW_DEVELOPMENT_TOKENS: z.stringbool().default(false),
  /** Limits per reader, per address, and per address for requests to /v1/auth/ and /users/login. */
  RATE_LIMIT_READER: rate.prefault("20/60"),
  RATE_LIMIT_ADDRESS: rate.prefault("100/300"),
  RATE_LIMIT_LOGIN: rate.prefault("10/30"),
  /** The proxies whose X-Forwarded-For is trusted. */
  TRUST_PROXY: trustedProxies.prefault("0"),
  /** The number of partitions of new builds; existing builds keep theirs. */
  PROJECTION_PARTITIONS: z.coerce.number().int().min(1).max(64).default(defaultPartitions),
  /** By how many steps of `nice` dispatcher and worker lower their scheduling priority. Few: leases and locks last seconds. */
  PROJECTION_NICE: z.coerce.number().int().min(0).max(10).default(5),
  /** The maximum number of books on a shelf. */
  SHELF_CAPACITY: z.coerce.number().int().min(1).max(maxShelfCapacity).default(2000),
  /** The size of an API process's response cache in megabytes; 0: no cache. */
  RESPONSE_CACHE_MB: z.coerce.number().int().min(0).max(10_000).default(64),
};

type Settings = typeof settings;
export type Setting = keyof Settings;

/** Former names of settings. They are still read if the new name is not set. */
const formerNames: Partial<Record<Setting, string>> = {
  PROJECTION_PARTITIONS: "PROJECTION_LANES",
  RESPONSE_CACHE_MB: "KEPT_ANSWERS_MB",
};

function givenValue(name: Setting, environment: NodeJS.ProcessEnv): string | undefined {
  return environment[name] || environment[formerNames[name] ?? ""] || undefined;
}

export type Config<Names extends Setting> = { readonly [Name in Names]: z.output<Settings[Name]> };

/**
 * Reads the named settings from the environment. Throws one Error with a line for each missing or invalid setting; it never
 * contains values, which may be secret.
 */
export function loadConfig<Names extends Setting>(
  names: readonly Names[],
  environment: NodeJS.ProcessEnv = process.env,
): Config<Names> {
  const shape = Object.fromEntries(names.map((name) => [name, settings[name]]));
  const given = Object.fromEntries(names.map((name) => [name, givenValue(name, environment)]));
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data as Config<Names>;
  const lines = parsed.error.issues.map(
    (issue) =>
      `  ${issue.path.join(".")}: ${given[String(issue.path[0])] === undefined ? "is not set" : issue.message}`,
  );
  throw new Error(`The configuration is incomplete (.env.example explains each setting):\n${lines.join("\n")}`);
}

/** The names of all settings. */
export const settingNames = Object.keys(settings) as readonly Setting[];

/** Settings that are invalid, or missing although some process requires them; `problem` never contains the value. */
export function wrongSettings(environment: NodeJS.ProcessEnv): readonly { name: Setting; problem: string }[] {
  return settingNames.flatMap((name) => {
    const given = givenValue(name, environment);
    const parsed = settings[name].safeParse(given);
    if (parsed.success) return [];
    return [{ name, problem: given === undefined ? "is not set" : (parsed.error.issues[0]?.message ?? "is wrong") }];
  });
}
