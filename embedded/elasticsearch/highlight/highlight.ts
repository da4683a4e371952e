import { analyze } from "../analysis/analyzer.ts";
import { matchingPaths } from "../indices/lookup.ts";
import type { Field } from "../indices/mapping.ts";
import { illegalArgument } from "../json/failure.ts";
import { type Node, text } from "../json/node.ts";
import { parseJson } from "../json/parse.ts";
import { Source } from "../json/source.ts";
import { type Target, toQuery } from "../queries/context.ts";
import type { Query } from "../scoring/query.ts";
import type { Hit } from "../search/best.ts";
import {
  bestFragments,
  type Format,
  type Fragment,
  type HighlightToken,
  simpleFragmenter,
  spanFragmenter,
  wholeText,
} from "./fragments.ts";
import type { HighlightOptions, HighlightSpec } from "./spec.ts";
import { weights } from "./weights.ts";

/** The highlights of one hit by field; fields without any are left out. */
export function highlightHit(
  { options: all, fields }: HighlightSpec,
  query: Query,
  { target, doc }: Hit,
): Record<string, readonly string[]> {
  const { source } = target.snapshot.stored(doc).document;
  const found: Record<string, readonly string[]> = {};
  for (const { pattern, options } of fields) {
    const isPattern = pattern.includes("*");
    for (const path of isPattern ? matchingPaths(target.fields, pattern) : [pattern]) {
      const field = target.fields.get(path);
      if (field === undefined || (field.type !== "text" && field.type !== "keyword")) continue;
      const merged = merge(options, all);
      checkType(merged.type ?? "unified", path);
      const highlighted = highlightField(
        field,
        merged,
        query,
        shownTexts(field, textsOf(source, path, target.fields), target),
        target,
      );
      if (highlighted.length > 0) found[path] = highlighted;
    }
  }
  return found;
}

function merge(own: HighlightOptions, all: HighlightOptions): HighlightOptions {
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...all, ...given };
}

/** Throws for unsupported highlighters. */
export function checkType(type: string, path: string): void {
  if (type === "plain") return;
  if (type === "fvh") {
    const reason = `the field [${path}] should be indexed with term vector with position offsets to be used with fast vector highlighter`;
    throw illegalArgument(reason);
  }
  if (type === "unified")
    throw illegalArgument(`this server has no [unified] highlighter: say [type: plain] for the field [${path}]`);
  throw illegalArgument(`unknown highlighter type [${type}] for the field [${path}]`);
}

function highlightField(
  field: Field,
  options: HighlightOptions,
  usual: Query,
  texts: readonly string[],
  target: Target,
): readonly string[] {
  const query = options.query === undefined ? usual : toQuery(options.query, target);
  const { fragments: count = 5, fragmentSize = 100, requireFieldMatch = true } = options;
  const format = formatOf(options);
  const limit = count === 0 ? 1 : count;
  let before = 0;
  const all = texts.flatMap((value): Fragment[] => {
    const tokens = tokensOf(field, value, target);
    let position = -1;
    const placed = tokens.map(({ term, increment }) => {
      position += increment;
      return { term, position };
    });
    const terms = weights(query, requireFieldMatch ? field.path : undefined, placed);
    const fragmenter = count === 0 ? wholeText : fragmenterOf(options.fragmenter, fragmentSize, terms, field.path);
    const best = bestFragments(value, tokens, terms, fragmenter, limit, format);
    const marked = best.filter(({ score }) => score > 0).map((one) => ({ ...one, number: one.number + before }));
    before += best.length;
    return marked;
  });
  const shown = chosen(all, count === 0 && texts.length > 1 ? all.length : limit, options.order === "score");
  if (shown.length > 0) return shown.map((fragment) => fragment.text);
  return noMatch(field, texts, options.noMatchSize ?? 0, target);
}

/**
 * The first fragments by score, or by their numbers: the numbers of a value continue after the fragments that earlier values
 * returned, not those they had.
 */
function chosen(all: readonly Fragment[], limit: number, byScore: boolean): Fragment[] {
  return all.toSorted((a, b) => (byScore ? b.score - a.score : a.number - b.number)).slice(0, limit);
}

function fragmenterOf(name: string | undefined, size: number, terms: ReturnType<typeof weights>, path: string) {
  if (name === undefined || name === "span") return spanFragmenter(size, terms);
  if (name === "simple") return simpleFragmenter(size);
  throw illegalArgument(`unknown fragmenter option [${name}] for the field [${path}]`);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  '"': "&quot;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#x27;",
  "/": "&#x2F;",
};

function formatOf({ encoder, preTags, postTags }: HighlightOptions): Format {
  const [before, after] = [preTags?.[0] ?? "<em>", postTags?.[0] ?? "</em>"];
  const encode =
    encoder === "html"
      ? (part: string) => part.replace(/[&"<>'/]/g, (char) => entities[char]!)
      : (part: string) => part;
  return { mark: (part) => before + part + after, encode };
}

function tokensOf(field: Field, value: string, { analysis }: Target): readonly HighlightToken[] {
  if (field.type === "text")
    return analyze(analysis.analyzers.get(String(field.params.analyzer ?? "default"))!, value).tokens;
  return [{ term: value, start: 0, end: value.length, increment: 1 }];
}

/** Keywords are shown as they are indexed. */
function shownTexts(
  { type, params: { normalizer } }: Field,
  texts: readonly string[],
  { analysis }: Target,
): readonly string[] {
  if (type !== "keyword" || normalizer === undefined) return texts;
  return texts.map(analysis.normalizers.get(String(normalizer))!);
}

/** The beginning of the first value, as many whole words as fit into `size` characters. */
function noMatch(field: Field, texts: readonly string[], size: number, target: Target): string[] {
  const [first] = texts;
  if (size <= 0 || first === undefined) return [];
  const end = first.length <= size ? first.length : wholeWords(tokensOf(field, first, target), size);
  return end > 0 ? [first.slice(0, end)] : [];
}

/** Where the last of the words that fit into `size` characters ends. */
function wholeWords(tokens: readonly HighlightToken[], size: number): number {
  let end = -1;
  for (const token of tokens) {
    if (token.end >= size) return token.end === size ? size : end;
    end = token.end;
  }
  return end;
}

function textsOf(source: string, path: string, fields: ReadonlyMap<string, Field>): string[] {
  const parent = path.slice(0, path.lastIndexOf("."));
  if (fields.has(parent)) return textsOf(source, parent, fields);
  const walk = (node: Node, steps: readonly string[]): string[] => {
    if (node.kind === "array") return node.items.flatMap((item) => walk(item, steps));
    if (steps.length === 0) {
      const value = text(node);
      return value === null ? [] : [value];
    }
    if (node.kind !== "object") return [];
    return node.entries.flatMap(({ key, value }) => {
      const own = key.split(".");
      return own.every((step, at) => step === steps[at]) ? walk(value, steps.slice(own.length)) : [];
    });
  };
  return walk(parseJson(new Source(source), false), path.split("."));
}
