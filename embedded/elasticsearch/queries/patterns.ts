import { Bits } from "../index/bits.ts";
import { type FieldIndex, findPosting } from "../index/postings.ts";
import type { Snapshot } from "../index/snapshot.ts";
import type { Field } from "../indices/mapping.ts";
import { illegalArgument } from "../json/failure.ts";
import { type Node, text } from "../json/node.ts";
import { booleanValue, intValue } from "../json/reader.ts";
import { matchNone, type Query, type TermSet } from "../scoring/query.ts";
import { isScalar, newCommon, readCommon, readFieldQuery, requireField, withCommon } from "./common.ts";
import { type QueryParser, shardFailure, type Target } from "./context.ts";
import { indexedTerm } from "./fieldValues.ts";
import { fuzzyTerms, parseFuzziness } from "./fuzzy.ts";

/** Documents with any term of a field that passes a test, with a constant score. */
export function anyTerm(field: string, key: string, passes: (term: string) => boolean): Query {
  return termSet({ field, passes }, key, function* ({ terms, dictionary }) {
    for (const number of terms) {
      const term = dictionary.terms[number]!;
      if (passes(term)) yield term;
    }
  });
}

/** Documents with any term of a field that has this prefix. */
export function termsBeginning(field: string, prefix: string): Query {
  const passes = (term: string) => term.startsWith(prefix);
  return termSet({ field, passes }, `prefix:${prefix}`, ({ dictionary }) => dictionary.withPrefix(prefix));
}

function termSet(terms: TermSet, key: string, termsOf: (index: FieldIndex) => Iterable<string>): Query {
  return {
    k: "set",
    key: `any:${terms.field}:${key}`,
    terms,
    docs: (snapshot) => {
      const docs = new Bits(snapshot.maxDoc);
      for (const { index, leaf } of snapshot.fields(terms.field)) {
        for (const term of termsOf(index)) {
          const { from, to } = findPosting(index, term) ?? { from: 0, to: 0 };
          for (let entry = from; entry < to; entry++) {
            const doc = index.docs[entry]!;
            if (leaf.live === undefined || leaf.live.has(doc)) docs.add(leaf.base + doc);
          }
        }
      }
      return docs.docs();
    },
  };
}

/** The terms of a field with this prefix, segment by segment and sorted in each; a term may repeat. */
export function* termsWithPrefix(snapshot: Snapshot, field: string, prefix: string): Generator<string> {
  for (const { index } of snapshot.fields(field)) {
    for (const term of index.dictionary.withPrefix(prefix)) if (findPosting(index, term) !== undefined) yield term;
  }
}

/** The field of a query on terms; numbers, dates and booleans have no terms to compare. */
function termField(path: string, kind: string, target: Target): Field | undefined {
  const field = target.fields.get(path);
  if (field === undefined || field.type === "text" || field.type === "keyword") return field;
  const reason = `Can only use ${kind} queries on keyword, text and wildcard fields - not on [${path}] which is of type [${field.type}]`;
  throw shardFailure(target, reason);
}

type Read = { field: string; value: string; ignoreCase: boolean };

function readPattern(
  name: string,
  valueKeys: readonly string[],
  body: Parameters<QueryParser>[0],
  source: Parameters<QueryParser>[1],
  common: ReturnType<typeof newCommon>,
): Read {
  let value: string | null = null;
  let ignoreCase = false;
  const short = (given: Node) => {
    value = isScalar(given) ? text(given) : null;
  };
  const field = readFieldQuery(source, name, body, short, (key, given) => {
    if (valueKeys.includes(key)) value = text(given);
    else if (key === "case_insensitive") ignoreCase = booleanValue(given);
    else return key === "rewrite" || readCommon(common, key, given, () => ({ [name]: {} }));
    return true;
  });
  const path = requireField(field);
  if (value === null) throw illegalArgument("value cannot be null");
  return { field: path, value, ignoreCase };
}

export const prefix: QueryParser = (body, source) => {
  const common = newCommon();
  const { field: path, value, ignoreCase } = readPattern("prefix", ["value"], body, source, common);
  return withCommon(common, (target) => {
    if (!target.fields.has(path)) return matchNone;
    checkLength(value, target);
    const field = termField(path, "prefix", target);
    if (field === undefined) return matchNone;
    const start = indexedTerm(field, value, target);
    if (!ignoreCase) return termsBeginning(path, start);
    const lower = start.toLowerCase();
    return anyTerm(path, `prefix-i:${lower}`, (term) => term.toLowerCase().startsWith(lower));
  });
};

function checkLength({ length }: string, { maxRegexLength }: Target): void {
  if (length <= maxRegexLength) return;
  throw illegalArgument(
    `The length of prefix [${length}] used in the Prefix Query request has exceeded the allowed maximum of [${maxRegexLength}]. This maximum can be set by changing the [index.max_regex_length] index level setting.`,
  );
}

export const wildcard: QueryParser = (body, source) => {
  const common = newCommon();
  const { field: path, value, ignoreCase } = readPattern("wildcard", ["wildcard", "value"], body, source, common);
  return withCommon(common, (target) => {
    const field = termField(path, "wildcard", target);
    if (field === undefined) return matchNone;
    const pattern = wildcardPattern(value, (part) => indexedTerm(field, part, target), ignoreCase);
    return anyTerm(path, `wildcard:${pattern}`, (term) => pattern.test(term));
  });
};

/** `*` is any text, `?` one character, a backslash escapes the next character. */
function wildcardPattern(value: string, normalize: (part: string) => string, ignoreCase: boolean): RegExp {
  const source = value.replace(/\\([\s\S])|\*|\?|[^\\*?]+|\\/g, (part, escaped?: string) => {
    if (part === "*") return "[\\s\\S]*";
    if (part === "?") return "[\\s\\S]";
    return (escaped ?? normalize(part)).replace(/[.+?^${}()|[\]\\*]/g, "\\$&");
  });
  return new RegExp(`^${source}$`, ignoreCase ? "iu" : "u");
}

export const fuzzy: QueryParser = (body, source) => {
  const common = newCommon();
  let value: string | null = null;
  const options = { fuzziness: parseFuzziness("AUTO"), prefixLength: 0, maxExpansions: 50, transpositions: true };
  const short = (given: Node) => {
    value = text(given);
  };
  const field = readFieldQuery(source, "fuzzy", body, short, (key, given) => {
    if (key === "value" || key === "term") value = text(given);
    else if (key === "fuzziness") options.fuzziness = parseFuzziness(text(given) ?? "");
    else if (key === "prefix_length") options.prefixLength = intValue(given);
    else if (key === "max_expansions") options.maxExpansions = intValue(given);
    else if (key === "transpositions") options.transpositions = booleanValue(given);
    else return key === "rewrite" || readCommon(common, key, given, () => ({ fuzzy: {} }));
    return true;
  });
  const path = requireField(field);
  if (value === null) throw illegalArgument("query value cannot be null");
  const wanted: string = value;
  return withCommon(common, (target) => {
    const known = termField(path, "fuzzy", target);
    return known === undefined
      ? matchNone
      : fuzzyTerms(path, indexedTerm(known, wanted, target), options, target.snapshot);
  });
};
