import type { Snapshot } from "../index/snapshot.ts";
import { isNumber } from "../indices/fieldTypes.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import { type Node, type ObjectNode, text } from "../json/node.ts";
import { floatValue, parsingException } from "../json/reader.ts";
import type { Source } from "../json/source.ts";
import { constantOf } from "./common.ts";
import type { Target } from "./context.ts";

/** Returns the factor of a document. */
export type ScoreFunction = (target: Target) => (snapshot: Snapshot) => (doc: number) => number;

const modifiers: Readonly<Record<string, (value: number) => number>> = {
  none: (value) => value,
  log: Math.log10,
  log1p: (value) => Math.log10(value + 1),
  log2p: (value) => Math.log10(value + 2),
  ln: Math.log,
  ln1p: Math.log1p,
  ln2p: (value) => Math.log1p(value + 1),
  square: (value) => value ** 2,
  sqrt: Math.sqrt,
  reciprocal: (value) => 1 / value,
};

/** The alternatives to modifiers that can make a score negative. */
const advice: Readonly<Record<string, string>> = {
  log: "; consider using log1p or log2p instead of log to avoid negative scores",
  ln: "; consider using ln1p or ln2p instead of ln to avoid negative scores",
};

/** `field_value_factor`: the value of a number field, times a factor, through a modifier. */
export function fieldValueFactor(body: ObjectNode, source: Source): ScoreFunction {
  let field: string | undefined;
  let factor = 1;
  let modifier = "none";
  let missing: number | undefined;
  for (const { key, value } of body.entries) {
    if (key === "field") field = text(value) ?? undefined;
    else if (key === "factor") factor = Math.fround(floatValue(value));
    else if (key === "modifier") modifier = modifierName(value);
    else if (key === "missing") missing = floatValue(value);
    else throw parsingException(source, value.start, `field_value_factor query does not support [${key}]`);
  }
  if (field === undefined)
    throw parsingException(source, body.end - 1, "[field_value_factor] required field 'field' missing");
  const path = field;
  return (target) => {
    checkField(path, missing, target);
    return (snapshot) => {
      const first = snapshot.numbers(path, "min");
      const modify = modifiers[modifier]!;
      return (doc) => {
        const value = Number.isNaN(first[doc]!) ? missing : first[doc]!;
        if (value === undefined) throw illegalArgument(`Missing value for field [${path}]`);
        const result = modify(value * factor);
        if (result < 0 || Number.isNaN(result)) throw badScore(result, value, modifier);
        return result;
      };
    };
  };
}

const modifierName = (value: Node) =>
  constantOf(
    text(value) ?? "",
    Object.keys(modifiers),
    "common.lucene.search.function.FieldValueFactorFunction.Modifier",
  );

function badScore(result: number, value: number, modifier: string): Failure {
  const shown = (number: number) => (Number.isInteger(number) ? number.toFixed(1) : String(number));
  const what = Number.isNaN(result) ? "must not produce NaN scores" : "must not produce negative scores";
  return illegalArgument(
    `field value function ${what}, but got: [${shown(result)}] for field value: [${shown(value)}]${advice[modifier] ?? ""}`,
  );
}

function checkField(path: string, missing: number | undefined, target: Target): void {
  const field = target.fields.get(path);
  if (field === undefined) {
    if (missing !== undefined) return;
    throw new Failure("exception", `Unable to find a field mapper for field [${path}]. No 'missing' value defined.`);
  }
  if (field.type === "text") throw illegalArgument(fielddataDisabled(path, target.index));
  if (isNumber(field.type) || field.type === "date" || field.type === "boolean") return;
  const kind = "org.elasticsearch.index.fielddata.plain.SortedSetOrdinalsIndexFieldData";
  const wanted = "org.elasticsearch.index.fielddata.IndexNumericFieldData";
  const both = `${kind} and ${wanted} are in module org.elasticsearch.server@9.4.3 of loader 'app'`;
  throw new Failure("class_cast_exception", `class ${kind} cannot be cast to class ${wanted} (${both})`);
}

/** Text fields have no values to sort or aggregate by. */
export function fielddataDisabled(path: string, index: string): string {
  return (
    `Fielddata is disabled on [${path}] in [${index}]. Text fields are not optimised for operations that require per-document field data like ` +
    `aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, set fielddata=true ` +
    `on [${path}] in order to load field data by uninverting the inverted index. Note that this can use significant memory.`
  );
}
