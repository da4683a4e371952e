import { Failure, illegalArgument } from "../json/failure.ts";

/** Settings as a flat map of `index.…` keys; values are text or lists of text, as Elasticsearch prints them. */
export type Settings = Readonly<Record<string, string | readonly string[]>>;

/** The settings that can be set when an index is created; `true` if they can change later. */
const known: Readonly<Record<string, boolean>> = {
  "index.number_of_shards": false,
  "index.number_of_replicas": true,
  "index.refresh_interval": true,
  "index.max_result_window": true,
  "index.max_ngram_diff": true,
  "index.max_shingle_diff": true,
  "index.gc_deletes": true,
  "index.blocks.write": true,
  "index.blocks.read": true,
  "index.blocks.metadata": true,
  "index.blocks.read_only": true,
  "index.blocks.read_only_allow_delete": true,
  "index.auto_expand_replicas": true,
  "index.hidden": true,
  "index.codec": false,
  "index.mapping.total_fields.limit": true,
  "index.highlight.max_analyzed_offset": true,
  "index.analyze.max_token_count": true,
  "index.max_terms_count": true,
  "index.max_regex_length": true,
  "index.translog.durability": true,
  "index.search.idle.after": true,
};

/** Set by the server once a block refuses all writes and those in flight have ended. */
export const verified = "index.verified_read_only";

const isKnown = (key: string) => key in known || key.startsWith("index.analysis.");

/** Flattens nested or dotted settings, every key under `index.`; null stays null, which removes a setting. */
export function flattenSettings(value: unknown): Record<string, string | string[] | null> {
  const flat: Record<string, string | string[] | null> = {};
  const walk = (inner: unknown, path: string) => {
    if (inner !== null && typeof inner === "object" && !Array.isArray(inner)) {
      for (const [key, member] of Object.entries(inner)) walk(member, path === "" ? key : `${path}.${key}`);
      return;
    }
    const key = path.startsWith("index.") ? path : `index.${path}`;
    flat[key] = inner === null ? null : Array.isArray(inner) ? inner.map(String) : String(inner);
  };
  walk(value, "");
  return flat;
}

function unknownSetting(key: string): Failure {
  return illegalArgument(
    `unknown setting [${key}] please check that any required plugins are installed, or check the breaking changes documentation for removed settings`,
  );
}

/** Refuses settings that do not exist, and invalid values. */
export function checkSettings(flat: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(flat)) {
    if (!isKnown(key)) throw unknownSetting(key);
    if (value !== null) checkValue(key, String(value));
  }
}

function checkValue(key: string, value: string): void {
  if (key.startsWith("index.blocks.") && value !== "true" && value !== "false") {
    throw illegalArgument(`Failed to parse value [${value}] as only [true] or [false] are allowed.`);
  }
  const minimum: Record<string, number> = {
    "index.number_of_shards": 1,
    "index.number_of_replicas": 0,
    "index.max_result_window": 1,
    "index.max_regex_length": 1,
  };
  if (key in minimum) {
    if (!/^-?\d+$/.test(value)) {
      const causedBy = new Failure("number_format_exception", `For input string: "${value}"`);
      throw illegalArgument(`Failed to parse value [${value}] for setting [${key}]`, causedBy);
    }
    if (Number(value) < minimum[key]!) {
      throw illegalArgument(`Failed to parse value [${value}] for setting [${key}] must be >= ${minimum[key]}`);
    }
  }
  if (key === "index.number_of_shards" && value !== "1") {
    throw illegalArgument(`this server keeps an index in one shard: [index.number_of_shards] cannot be [${value}]`);
  }
  if (key === "index.refresh_interval") milliseconds(value, key);
}

const units: Readonly<Record<string, number>> = {
  nanos: 1e-6,
  micros: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A time such as `5s` or `100ms` in milliseconds; -1 stays. `name` is the setting or parameter for the error. */
export function milliseconds(value: string, name: string): number {
  if (value === "-1" || value === "0") return Number(value);
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(nanos|micros|ms|s|m|h|d)$/i.exec(value.trim()) ?? [];
  if (number === undefined) {
    throw illegalArgument(
      `failed to parse setting [${name}] with value [${value}] as a time value: unit is missing or unrecognized`,
    );
  }
  return Number(number) * units[unit!.toLowerCase()]!;
}

/** Refuses a change of a setting that is fixed when the index is created. */
export function checkUpdate(flat: Readonly<Record<string, unknown>>, indices: readonly string[]): void {
  for (const key of Object.keys(flat)) if (!isKnown(key)) throw unknownSetting(key);
  const fixed = Object.keys(flat).filter((key) => known[key] !== true);
  if (fixed.length === 0) {
    checkSettings(flat);
    return;
  }
  const names = `[[${fixed.join(", ")}]]`;
  const again = "See https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-reindex";
  const advice = fixed.includes("index.number_of_shards")
    ? ` The setting(s) ${names} cannot be modified on an index once it is created. You will need to create a new index with the desired setting(s) and reindex your data. ${again}`
    : ` You can either resubmit the update with \`?reopen=true\`, or create a new index with the desired setting(s) and reindex your data. ${again}`;
  throw illegalArgument(
    `Can't update non dynamic setting(s) ${names} for open indices [${indices.join(", ")}].${advice}`,
  );
}

/** Flat settings as nested objects. */
export function nestedSettings(flat: Settings): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flat)) {
    const path = key.split(".");
    let inner = root;
    for (const step of path.slice(0, -1)) {
      inner[step] ??= {};
      inner = inner[step] as Record<string, unknown>;
    }
    inner[path.at(-1)!] = value;
  }
  return root;
}
