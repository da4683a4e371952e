import { illegalArgument } from "../json/failure.ts";
import { type Analyzer, analyzers, type Normalizer, normalizers } from "./analyzer.ts";
import {
  configuredFilter,
  configuredTokenizer,
  type Filter,
  filters,
  list,
  type Params,
  tokenizers,
} from "./registry.ts";
import type { Tokenizer } from "./token.ts";

/** The analysis of an index: its settings under `analysis`, on top of the built-in ones. */
export type Analysis = {
  readonly analyzers: ReadonlyMap<string, Analyzer>;
  readonly normalizers: ReadonlyMap<string, Normalizer>;
  readonly tokenizers: ReadonlyMap<string, Tokenizer>;
  readonly filters: ReadonlyMap<string, Filter>;
};

type Kind = "tokenizer" | "filter" | "char_filter" | "analyzer" | "normalizer";
type Config = Readonly<Partial<Record<Kind, Readonly<Record<string, Params>>>>>;

/** Builds the analysis of an index; errors are those of Elasticsearch when an index is created. */
export function configuredAnalysis(config: Config): Analysis {
  const ownTokenizers = build("tokenizer", config, configuredTokenizer);
  const ownFilters = build("filter", config, configuredFilter);
  build("char_filter", config, () => undefined);
  const parts: Analysis = {
    tokenizers: new Map([...Object.entries(tokenizers), ...ownTokenizers]),
    filters: new Map([...Object.entries(filters), ...ownFilters]),
    analyzers: new Map(),
    normalizers: new Map(),
  };
  const ownAnalyzers = Object.entries(config.analyzer ?? {}).map(
    ([name, params]) => [name, analyzer(name, params, parts)] as const,
  );
  const ownNormalizers = Object.entries(config.normalizer ?? {}).map(
    ([name, params]) => [name, normalizer(name, params, parts)] as const,
  );
  return {
    ...parts,
    analyzers: new Map([...Object.entries(analyzers), ...ownAnalyzers]),
    normalizers: new Map([...Object.entries(normalizers), ...ownNormalizers]),
  };
}

function build<Made>(
  kind: Kind,
  config: Config,
  make: (type: string, params: Params) => Made | undefined,
): [string, Made][] {
  return Object.entries(config[kind] ?? {}).map(([name, params]) => {
    if (params.type === undefined) {
      throw illegalArgument(`${kind} [${name}] must specify either an analyzer type, or a tokenizer`);
    }
    const made = make(String(params.type), params);
    if (made === undefined) throw illegalArgument(`Unknown ${kind} type [${params.type}] for [${name}]`);
    return [name, made];
  });
}

function analyzer(name: string, params: Params, parts: Analysis): Analyzer {
  const type = params.type === undefined ? undefined : String(params.type);
  if (type !== undefined && type !== "custom") {
    const known = analyzers[type];
    if (known === undefined || type === "default")
      throw illegalArgument(`Unknown analyzer type [${type}] for [${name}]`);
    return { ...known, name };
  }
  if (type === undefined && params.tokenizer === undefined) {
    throw illegalArgument(`analyzer [${name}] must specify either an analyzer type, or a tokenizer`);
  }
  if (params.tokenizer === undefined)
    throw illegalArgument(`Custom Analyzer [${name}] must be configured with a tokenizer`);
  const tokenizerName = String(params.tokenizer);
  const tokenize = parts.tokenizers.get(tokenizerName);
  if (tokenize === undefined)
    throw illegalArgument(`Custom Analyzer [${name}] failed to find tokenizer under name [${tokenizerName}]`);
  for (const charFilter of list(params.char_filter)) {
    throw illegalArgument(`Custom Analyzer [${name}] failed to find char_filter under name [${charFilter}]`);
  }
  const chain = list(params.filter).map((filterName) => {
    const filter = parts.filters.get(filterName);
    if (filter === undefined)
      throw illegalArgument(`Custom Analyzer [${name}] failed to find filter under name [${filterName}]`);
    return { name: filterName, filter };
  });
  return { name, custom: true, tokenizer: { name: tokenizerName, tokenize }, filters: chain };
}

function normalizer(name: string, params: Params, parts: Analysis): Normalizer {
  const type = params.type ?? "custom";
  if (type === "lowercase") return normalizers.lowercase!;
  if (type !== "custom") throw illegalArgument(`Unknown normalizer type [${type}] for [${name}]`);
  if (params.tokenizer !== undefined) throw illegalArgument(`Custom normalizer [${name}] cannot configure a tokenizer`);
  const changes = list(params.filter).map((filterName) => {
    const filter = parts.filters.get(filterName);
    if (filter === undefined)
      throw illegalArgument(`Custom normalizer [${name}] failed to find filter under name [${filterName}]`);
    if (filter.change === undefined) {
      throw illegalArgument(`Custom normalizer [${name}] may not use filter [${filterName}]`);
    }
    return filter.change;
  });
  return (value) => changes.reduce((term, change) => change(term), value);
}
