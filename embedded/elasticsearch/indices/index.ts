import { randomBytes } from "node:crypto";
import { type Analysis, configuredAnalysis } from "../analysis/configured.ts";
import { Dictionaries } from "../index/dictionary.ts";
import { createEngine, type Engine } from "../index/engine.ts";
import type { Snapshot } from "../index/snapshot.ts";
import { Failure } from "../json/failure.ts";
import type { Clause, Target } from "../queries/context.ts";
import { fieldsByPath } from "./lookup.ts";
import type { Field, ObjectField } from "./mapping.ts";
import { milliseconds, nestedSettings, type Settings } from "./settings.ts";

/** An alias of one index. `filter` is its JSON, `clause` the parsed query. */
export type Alias = {
  readonly json: Readonly<Record<string, unknown>>;
  readonly isWriteIndex: boolean | undefined;
  readonly clause: Clause | undefined;
};

/** An index: its settings, mapping and aliases, and its documents. */
export type Index = {
  readonly name: string;
  readonly uuid: string;
  readonly analysis: Analysis;
  /** The terms of its fields. */
  readonly dictionaries: Dictionaries;
  readonly engine: Engine;
  readonly aliases: Map<string, Alias>;
  settings: Settings;
  mapping: ObjectField;
  fields: ReadonlyMap<string, Field>;
  setMapping(mapping: ObjectField): void;
  /** The current view of a search, after a due refresh. */
  snapshot(): Snapshot;
  target(snapshot: Snapshot): Target;
};

/** 22 characters, like Elasticsearch's ids. */
export const newUuid = () => randomBytes(16).toString("base64url");

/** The analysis part of flat settings. */
export function analysisOf(settings: Settings): Analysis {
  const nested = nestedSettings(settings) as { index?: { analysis?: Parameters<typeof configuredAnalysis>[0] } };
  return configuredAnalysis(nested.index?.analysis ?? {});
}

export function createIndex(
  name: string,
  given: Settings,
  mapping: ObjectField,
  analysis: Analysis,
  now: () => number,
): Index {
  const uuid = newUuid();
  const created = now();
  const conflict = (id: string, why: string) =>
    new Failure("version_conflict_engine_exception", `[${id}]: version conflict, ${why}`, {
      status: 409,
      meta: { index_uuid: uuid, shard: "0", index: name },
    });
  const setting = (key: string) => (index.settings[key] === undefined ? undefined : String(index.settings[key]));
  const time = (key: string, fallback: number) => {
    const value = setting(key);
    return value === undefined ? fallback : milliseconds(value, key);
  };
  const dictionaries = new Dictionaries();
  const index: Index = {
    name,
    uuid,
    analysis,
    dictionaries,
    engine: createEngine(conflict, () => time("index.gc_deletes", 60_000), now, dictionaries),
    aliases: new Map(),
    settings: {
      "index.number_of_shards": "1",
      "index.number_of_replicas": "1",
      ...given,
      "index.routing.allocation.include._tier_preference": "data_content",
      "index.provided_name": name,
      "index.creation_date": String(created),
      "index.uuid": uuid,
      "index.version.created": "9094000",
    },
    mapping,
    fields: fieldsByPath(mapping),
    setMapping(next) {
      index.mapping = next;
      index.fields = fieldsByPath(next);
    },
    snapshot() {
      const interval = time("index.refresh_interval", 1000);
      // Elasticsearch refreshes at fixed intervals; writes before the last one are visible.
      if (interval > 0) index.engine.shard.refresh(created + Math.floor((now() - created) / interval) * interval);
      return index.engine.shard.snapshot();
    },
    target: (snapshot) => ({
      index: name,
      uuid,
      fields: index.fields,
      analysis,
      snapshot,
      maxRegexLength: Number(setting("index.max_regex_length") ?? 1_000),
      now: now(),
      named: [],
    }),
  };
  return index;
}
