/** A parameter of a field: its default, and whether it may change later. */
type Parameter = { readonly fallback: unknown; readonly updatable?: boolean };

const flag = (fallback: boolean): Parameter => ({ fallback });
const none: Parameter = { fallback: undefined };
const meta: Parameter = { fallback: undefined, updatable: true };

const numeric: Readonly<Record<string, Parameter>> = {
  index: flag(true),
  doc_values: flag(true),
  store: flag(false),
  ignore_malformed: flag(false),
  coerce: flag(true),
  null_value: none,
  meta,
  copy_to: meta,
};

/** The types of fields, with the parameters each takes. */
export const fieldTypes: Readonly<Record<string, Readonly<Record<string, Parameter>>>> = {
  text: {
    analyzer: { fallback: undefined },
    search_analyzer: { fallback: undefined, updatable: true },
    search_quote_analyzer: { fallback: undefined, updatable: true },
    index: flag(true),
    norms: flag(true),
    store: flag(false),
    index_options: { fallback: "positions" },
    position_increment_gap: { fallback: 100 },
    meta,
    copy_to: meta,
  },
  keyword: {
    index: flag(true),
    doc_values: flag(true),
    store: flag(false),
    norms: flag(false),
    ignore_above: { fallback: undefined, updatable: true },
    normalizer: none,
    null_value: none,
    split_queries_on_whitespace: { fallback: false, updatable: true },
    eager_global_ordinals: { fallback: false, updatable: true },
    meta,
    copy_to: meta,
  },
  long: numeric,
  integer: numeric,
  short: numeric,
  byte: numeric,
  double: numeric,
  float: numeric,
  boolean: {
    index: flag(true),
    doc_values: flag(true),
    store: flag(false),
    null_value: none,
    ignore_malformed: flag(false),
    meta,
    copy_to: meta,
  },
  date: {
    index: flag(true),
    doc_values: flag(true),
    store: flag(false),
    format: none,
    locale: none,
    null_value: none,
    ignore_malformed: flag(false),
    meta,
    copy_to: meta,
  },
};

export const isNumber = (type: string) => fieldTypes[type] === numeric;
export const isWhole = (type: string) => ["long", "integer", "short", "byte"].includes(type);
