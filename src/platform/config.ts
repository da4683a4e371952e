import { createSecretKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import { maxShelfCapacity } from "../domain/shelf/events.ts";
import { serverUrl } from "./serverUrl.ts";
import { listenedHost, rate, trustedProxies, wholeNumber } from "./settingTypes.ts";

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

const settings = {
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  PORT: wholeNumber(0, 65535).prefault("8080"),
  HOST: listenedHost.default("0.0.0.0"),
  /** The port on which dispatcher and worker serve their metrics; 0: none. */
  METRICS_PORT: wholeNumber(0, 65535).prefault("0"),
  DATABASE_URL: serverUrl(["postgres", "postgresql"]),
  REDIS_URL: serverUrl(["redis", "rediss"]),
  /** One node or several, whose options the client checks when it is made. */
  EVENTSTORE_URL: serverUrl(["esdb", "esdb+discover", "kurrentdb", "kurrentdb+discover"], { cluster: true }),
  /** The URL may contain user and password; ELASTICSEARCH_API_KEY takes precedence. Without an answer searches respond with 503. */
  ELASTICSEARCH_URL: serverUrl(["http", "https"]).default("http://localhost:9200"),
  ELASTICSEARCH_API_KEY: z
    .string()
    .regex(/^[!-~]*$/, "must be printable characters of ASCII without spaces")
    .default(""),
  /** The prefix of the names of our indices and aliases, before a hyphen: several installations may share one server. */
  ELASTICSEARCH_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,40}$/, "must be lower-case letters, digits, - and _, with a letter first")
    .default("heima"),
  WECHAT_API_URL: serverUrl(["http", "https"]).default("https://api.weixin.qq.com"),
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
  DUCKDB_MEMORY_MB: wholeNumber(64, 1_000_000).prefault("1024"),
  DUCKDB_TEMPORARY_MB: wholeNumber(0, 10_000_000).prefault("20480"),
  DUCKDB_THREADS: wholeNumber(1, 64).prefault("2"),
  /** The lifetime of an unused refresh token. */
  REFRESH_TOKEN_DAYS: wholeNumber(1, 365).prefault("30"),
  /** Whether `heima token` may issue tokens without a login. */
  ALLOW_DEVELOPMENT_TOKENS: z.stringbool().default(false),
  /** Limits per reader, per address, and per address for requests to /v1/auth/ and /users/login. */
  RATE_LIMIT_READER: rate.prefault("20/60"),
  RATE_LIMIT_ADDRESS: rate.prefault("100/300"),
  RATE_LIMIT_LOGIN: rate.prefault("10/30"),
  /** The proxies whose X-Forwarded-For is trusted. */
  TRUST_PROXY: trustedProxies.prefault("0"),
  /** The number of partitions of new builds; existing builds keep theirs. */
  PROJECTION_PARTITIONS: wholeNumber(1, 64).prefault(`${defaultPartitions}`),
  /** By how many steps of `nice` dispatcher and worker lower their scheduling priority. Few: leases and locks last seconds. */
  PROJECTION_NICE: wholeNumber(0, 10).prefault("5"),
  /** The maximum number of books on a shelf. */
  SHELF_CAPACITY: wholeNumber(1, maxShelfCapacity).prefault("2000"),
  /** The size of an API process's response cache in megabytes; 0: no cache. */
  RESPONSE_CACHE_MB: wholeNumber(0, 10_000).prefault("64"),
};

type Settings = typeof settings;
export type Setting = keyof Settings;

/** Former names of settings. They are still read if the new name is not set. */
const formerNames: Partial<Record<Setting, string>> = {
  PROJECTION_PARTITIONS: "PROJECTION_LANES",
  RESPONSE_CACHE_MB: "KEPT_ANSWERS_MB",
};

/** Spaces around a value do not count; an empty value is not set. */
function givenValue(name: Setting, environment: NodeJS.ProcessEnv): string | undefined {
  return environment[name]?.trim() || environment[formerNames[name] ?? ""]?.trim() || undefined;
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
