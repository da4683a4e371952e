import { type Analyzer, analyzers, analyze as analyzeText } from "../analysis/analyzer.ts";
import { type Analysis, configuredAnalysis } from "../analysis/configured.ts";
import { configuredFilter, configuredTokenizer, type Filter } from "../analysis/registry.ts";
import type { Token, Tokenizer } from "../analysis/token.ts";
import { type Answer, checkParameters, type Exchange, ok, requiredJson } from "../http/exchange.ts";
import { type Cluster, readIndex } from "../indices/cluster.ts";
import type { Index } from "../indices/index.ts";
import { illegalArgument, validationFailed } from "../json/failure.ts";
import { type Node, plain, text, tokenName } from "../json/node.ts";
import { booleanValue, readObject, xContentException } from "../json/reader.ts";

type Request = {
  texts: string[] | undefined;
  analyzer: string | undefined;
  field: string | undefined;
  normalizer: string | undefined;
  tokenizer: Node | undefined;
  filters: readonly Node[];
  charFilters: readonly Node[];
  explain: boolean;
};

/** GET and POST /_analyze, /{index}/_analyze: the tokens of a text. */
export function analyze(cluster: Cluster, exchange: Exchange): Answer {
  const { root, source } = requiredJson(exchange, "request body or source parameter");
  checkParameters(exchange, ["index", "prefer_local"]);
  const request: Request = {
    texts: undefined,
    analyzer: undefined,
    field: undefined,
    normalizer: undefined,
    tokenizer: undefined,
    filters: [],
    charFilters: [],
    explain: false,
  };
  if (root.kind !== "object")
    throw xContentException(source, root.start, `[analyze_request] Expected START_OBJECT but was: ${tokenName(root)}`);
  const items = (value: Node) => (value.kind === "array" ? value.items : [value]);
  const components = (value: Node) => {
    for (const item of items(value)) {
      if (item.kind === "string" || item.kind === "object") continue;
      throw xContentException(source, item.start, `Expected [VALUE_STRING] or [START_OBJECT], got ${tokenName(item)}`);
    }
    return items(value);
  };
  readObject(
    source,
    "analyze_request",
    root,
    {
      text: (value) => {
        request.texts = items(value).map((item) => text(item) ?? "");
      },
      analyzer: (value) => {
        request.analyzer = text(value) ?? undefined;
      },
      field: (value) => {
        request.field = text(value) ?? undefined;
      },
      normalizer: (value) => {
        request.normalizer = text(value) ?? undefined;
      },
      tokenizer: (value) => {
        request.tokenizer = value;
      },
      filter: (value) => {
        request.filters = components(value);
      },
      char_filter: (value) => {
        request.charFilters = components(value);
      },
      explain: (value) => {
        request.explain = booleanValue(value);
      },
      attributes: () => {},
    },
    {
      text: ["string", "array"],
      analyzer: ["string"],
      field: ["string"],
      normalizer: ["string"],
      filter: ["array"],
      char_filter: ["array"],
    },
  );
  const complaints = complaintsOf(request, exchange.at.index !== undefined);
  if (complaints.length > 0) throw validationFailed(...complaints);
  if (request.explain) throw illegalArgument("this server has no [explain] of an analysis");
  const index = exchange.at.index === undefined ? undefined : readIndex(cluster, exchange.at.index);
  if (index === undefined && request.field !== undefined)
    throw illegalArgument("analysis based on a specific field requires an index");
  return ok({ tokens: tokens(analyzerOf(request, index), request.texts!, gapOf(request, index)) });
}

function complaintsOf(
  { texts, analyzer, normalizer, tokenizer, filters, charFilters, field }: Request,
  hasIndex: boolean,
): string[] {
  const all: string[] = [];
  if (texts === undefined || texts.length === 0) all.push("text is missing");
  if (!hasIndex && normalizer !== undefined) all.push("index is required if normalizer is specified");
  if (normalizer !== undefined && (tokenizer !== undefined || analyzer !== undefined))
    all.push("tokenizer/analyze should be null if normalizer is specified");
  if (analyzer !== undefined && (tokenizer !== undefined || filters.length > 0 || charFilters.length > 0)) {
    all.push("cannot define extra components on a named analyzer");
  }
  if (field !== undefined && (tokenizer !== undefined || filters.length > 0 || charFilters.length > 0)) {
    all.push("cannot define extra components on a field-specific analyzer");
  }
  return all;
}

/** Positions between two texts: those of a normalizer follow each other. */
function gapOf({ normalizer, field }: Request, index: Index | undefined): number {
  return normalizer !== undefined || index?.fields.get(field ?? "")?.type === "keyword" ? 0 : 100;
}

const none = configuredAnalysis({});

function analyzerOf(request: Request, index: Index | undefined): Analyzer {
  const analysis = index?.analysis ?? none;
  if (request.analyzer !== undefined) {
    const known = index === undefined ? analyzers[request.analyzer] : analysis.analyzers.get(request.analyzer);
    if (known !== undefined) return known;
    throw illegalArgument(
      index === undefined
        ? `failed to find global analyzer [${request.analyzer}]`
        : `failed to find analyzer [${request.analyzer}]`,
    );
  }
  if (request.normalizer !== undefined) return normalizing(request.normalizer, analysis);
  if (request.tokenizer !== undefined || request.filters.length > 0 || request.charFilters.length > 0)
    return custom(request, analysis, index === undefined);
  if (request.field !== undefined && index !== undefined) return ofField(request.field, index);
  return analysis.analyzers.get("default")!;
}

function ofField(path: string, { fields, analysis }: Index): Analyzer {
  const field = fields.get(path);
  if (field === undefined) return analysis.analyzers.get("default")!;
  if (field.type === "text") return analysis.analyzers.get(String(field.params.analyzer ?? "default"))!;
  if (field.type !== "keyword")
    throw illegalArgument(`Can't process field [${path}], Analysis requests are only supported on tokenized fields`);
  const { normalizer } = field.params;
  return normalizer === undefined ? analyzers.keyword! : normalizing(String(normalizer), analysis);
}

function normalizing(name: string, analysis: Analysis): Analyzer {
  const change = analysis.normalizers.get(name);
  if (change === undefined) throw illegalArgument(`failed to find normalizer under [${name}]`);
  const apply: Filter["apply"] = ({ tokens: all, endIncrement }) => ({
    tokens: all.map((token) => ({ ...token, term: change(token.term) })),
    endIncrement,
  });
  return { ...analyzers.keyword!, filters: [{ name, filter: { apply } }] };
}

function custom({ tokenizer, filters, charFilters }: Request, analysis: Analysis, isGlobal: boolean): Analyzer {
  const missing = (kind: string, name: string | null) =>
    illegalArgument(`failed to find ${isGlobal ? "global " : ""}${kind} under [${name}]`);
  for (const one of charFilters) {
    if (one.kind !== "object") throw missing("char_filter", text(one));
    throw missing(
      "global char_filter".replace("global ", isGlobal ? "" : "global "),
      String((plain(one) as Record<string, unknown>).type),
    );
  }
  const chain = filters.map((one): { name: string; filter: Filter } => {
    if (one.kind !== "object") {
      const filter = namedFilter(text(one) ?? "", analysis, isGlobal);
      if (filter === undefined) throw missing("filter", text(one));
      return { name: text(one)!, filter };
    }
    const params = plain(one) as Record<string, unknown>;
    if (params.type === undefined)
      throw illegalArgument(`Missing [type] setting for anonymous filter: ${JSON.stringify(inStrings(params))}`);
    const filter = configuredFilter(String(params.type), params);
    if (filter === undefined) throw illegalArgument(`failed to find global filter under [${params.type}]`);
    return { name: `__anonymous__${params.type}`, filter };
  });
  return {
    name: "_custom_",
    custom: true,
    tokenizer: { name: "_custom_", tokenize: tokenizerFor(tokenizer, analysis, missing) },
    filters: chain,
  };
}

/** Settings as Elasticsearch stores them. */
const inStrings = (params: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)]));

/**
 * Within an index a name that its settings do not define is a type with its default parameters, which differ from the predefined
 * component of that name.
 */
function namedFilter(name: string, { filters }: Analysis, isGlobal: boolean): Filter | undefined {
  const known = filters.get(name);
  const isUsual = known === undefined || known === none.filters.get(name);
  return isGlobal || !isUsual ? known : (configuredFilter(name, {}) ?? known);
}

function tokenizerFor(
  node: Node | undefined,
  analysis: Analysis,
  missing: (kind: string, name: string | null) => Error,
): Tokenizer {
  if (node === undefined) return analyzers.keyword!.tokenizer.tokenize;
  if (node.kind !== "object") {
    const tokenize = analysis.tokenizers.get(text(node) ?? "");
    if (tokenize === undefined) throw missing("tokenizer", text(node));
    return tokenize;
  }
  const params = plain(node) as Record<string, unknown>;
  const tokenize = configuredTokenizer(String(params.type), params);
  if (tokenize === undefined) throw illegalArgument(`failed to find global tokenizer under [${params.type}]`);
  return tokenize;
}

/** Several texts follow each other with a gap of positions, and one of one character. */
function tokens(analyzer: Analyzer, texts: readonly string[], gap: number): Record<string, unknown>[] {
  let position = -1;
  let offset = 0;
  return texts.flatMap((value, at) => {
    if (at > 0) position += gap;
    const { tokens: found, endIncrement } = analyzeText(analyzer, value);
    const json = found.map((token) => {
      position += token.increment;
      return tokenJson(token, position, offset);
    });
    position += endIncrement;
    offset += value.length + 1;
    return json;
  });
}

function tokenJson({ term, start, end, type, span }: Token, position: number, offset: number): Record<string, unknown> {
  return {
    token: term,
    start_offset: offset + start,
    end_offset: offset + end,
    type,
    position,
    ...(span === undefined ? {} : { positionLength: span }),
  };
}
