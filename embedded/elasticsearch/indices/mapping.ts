import type { Analysis } from "../analysis/configured.ts";
import { checkFormat } from "../documents/dates.ts";
import { metadata } from "../documents/metadata.ts";
import { Failure } from "../json/failure.ts";
import { fieldTypes } from "./fieldTypes.ts";

export type Dynamic = "true" | "false" | "strict" | "runtime";

/** A field that holds values. `fields` are the multi-fields, which index the same values differently. */
export type Field = {
  readonly kind: "field";
  readonly path: string;
  readonly type: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly fields: ReadonlyMap<string, Field>;
};
export type ObjectField = {
  readonly kind: "object";
  readonly path: string;
  readonly dynamic: Dynamic | undefined;
  readonly enabled: boolean;
  readonly properties: ReadonlyMap<string, Field | ObjectField>;
  /** Whether `type: object` was set, which is printed only for one without properties. */
  readonly extra: Readonly<Record<string, unknown>>;
};

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const invalid = (reason: string) => new Failure("mapper_parsing_exception", reason);

/** Parses a mapping; every error is wrapped as Elasticsearch does for a whole mapping. */
export function parseMapping(json: unknown, analysis: Analysis): ObjectField {
  try {
    return withoutMetadata(parseRoot(isObject(json) ? json : {}, analysis));
  } catch (error) {
    if (!(error instanceof Failure) || error instanceof DefinedTwice) throw error;
    throw new Failure("mapper_parsing_exception", `Failed to parse mapping: ${error.reason}`, { causedBy: error });
  }
}

/** An error that Elasticsearch finds after the mapping is parsed, and does not wrap. */
class DefinedTwice extends Failure {}

function withoutMetadata(root: ObjectField): ObjectField {
  for (const name of root.properties.keys()) {
    if (metadata.has(name))
      throw new DefinedTwice("mapper_parsing_exception", `Field [${name}] is defined more than once`);
  }
  return root;
}

export const emptyMapping: ObjectField = {
  kind: "object",
  path: "",
  dynamic: undefined,
  enabled: true,
  properties: new Map(),
  extra: {},
};

const rootParameters = ["dynamic", "properties", "_meta", "date_detection", "numeric_detection"];

function parseRoot(json: Json, analysis: Analysis): ObjectField {
  const unknown = Object.entries(json).filter(([key]) => !rootParameters.includes(key));
  if (unknown.length > 0) {
    throw invalid(`Root mapping definition has unsupported parameters:  ${listed(unknown)}`);
  }
  const { _meta, date_detection, numeric_detection } = json;
  const extra = Object.fromEntries(
    Object.entries({ _meta, date_detection, numeric_detection }).filter(([, value]) => value !== undefined),
  );
  return {
    ...emptyMapping,
    dynamic: parseDynamic(json.dynamic),
    properties: parseProperties(json.properties, "", analysis),
    extra,
  };
}

const listed = (entries: [string, unknown][]) =>
  entries.map(([key, value]) => `[${key} : ${javaText(value)}]`).join(" ");

/** As Java prints a value. */
function javaText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(", ")}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, member]) => `${key}=${javaText(member)}`)
      .join(", ")}}`;
  return String(value);
}

function parseDynamic(value: unknown): Dynamic | undefined {
  if (value === undefined) return undefined;
  const text = String(value).toLowerCase();
  if (text === "true" || text === "false" || text === "strict") return text;
  if (text === "runtime") throw invalid("this server has no runtime fields");
  const causedBy = new Failure(
    "illegal_argument_exception",
    `Failed to parse value [${value}] as only [true] or [false] are allowed.`,
  );
  throw new Failure("illegal_argument_exception", "Could not convert [dynamic.dynamic] to boolean", { causedBy });
}

function parseProperties(json: unknown, prefix: string, analysis: Analysis): Map<string, Field | ObjectField> {
  if (json === undefined) return new Map();
  if (!isObject(json)) throw new Failure("parse_exception", "properties must be a map type");
  return new Map(
    Object.entries(expanded(json)).map(([name, config]) => [name, parseProperty(name, config, prefix, analysis)]),
  );
}

/** A name with dots is a field in objects. */
function expanded(json: Json): Json {
  if (!Object.keys(json).some((name) => /^[^.]+(\.[^.]+)+$/.test(name))) return json;
  const properties: Record<string, unknown> = {};
  for (const [name, config] of Object.entries(json)) {
    const [first = "", ...rest] = name.split(".");
    if (rest.length === 0) properties[name] = config;
    else {
      const known = properties[first];
      const own = isObject(known) && isObject(known.properties) ? known.properties : {};
      properties[first] = { ...(isObject(known) ? known : {}), properties: { ...own, [rest.join(".")]: config } };
    }
  }
  return properties;
}

function parseProperty(name: string, config: unknown, prefix: string, analysis: Analysis): Field | ObjectField {
  if (name === "") throw new Failure("illegal_argument_exception", "field name cannot be an empty string");
  if (!isObject(config)) {
    throw invalid(`Expected map for property [fields] on field [${name}] but got a class java.lang.String`);
  }
  const isObjectField = config.type === "object" || (config.type === undefined && isObject(config.properties));
  if (isObjectField) return parseObject(name, config, prefix, analysis);
  if (config.type === undefined) throw invalid(`No type specified for field [${name}]`);
  return parseField(name, config, prefix, analysis);
}

function parseObject(name: string, config: Json, prefix: string, analysis: Analysis): ObjectField {
  const unknown = Object.entries(config).filter(([key]) => !["type", "dynamic", "enabled", "properties"].includes(key));
  if (unknown.length > 0)
    throw invalid(`Mapping definition for [${name}] has unsupported parameters:  ${listed(unknown)}`);
  const path = prefix + name;
  return {
    kind: "object",
    path,
    dynamic: parseDynamic(config.dynamic),
    enabled: String(config.enabled ?? true) === "true",
    properties: parseProperties(config.properties, `${path}.`, analysis),
    extra: {},
  };
}

function parseField(name: string, config: Json, prefix: string, analysis: Analysis): Field {
  const type = Array.isArray(config.type) ? javaText(config.type) : String(config.type);
  const known = fieldTypes[type];
  if (known === undefined) {
    throw invalid(
      `The mapper type [${type}] declared on field [${name}] does not exist. It might have been created within a future version or requires a plugin to be installed. Check the documentation.`,
    );
  }
  const path = prefix + name;
  const params: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (key === "type" || key === "fields") continue;
    const parameter = known[key];
    if (parameter === undefined) throw invalid(`unknown parameter [${key}] on mapper [${name}] of type [${type}]`);
    const given = typeof parameter.fallback === "boolean" ? flag(value) : value;
    if (key === "ignore_above" && Number(given) < 0) {
      throw new Failure("illegal_argument_exception", `[ignore_above] must be positive, got [${given}]`);
    }
    if (type === "date" && key === "format") checkDateFormat(name, String(given));
    if (given !== parameter.fallback) params[key] = given;
  }
  checkAnalyzers(path, params, analysis);
  if (params.search_analyzer !== undefined) params.analyzer ??= "default";
  const fields = new Map<string, Field>();
  for (const [subName, subConfig] of Object.entries(isObject(config.fields) ? config.fields : {})) {
    const sub = parseProperty(subName, subConfig, `${path}.`, analysis);
    if (sub.kind === "object") throw invalid(`Type [object] cannot be used in multi field`);
    fields.set(subName, sub);
  }
  return { kind: "field", path, type, params, fields };
}

function checkDateFormat(name: string, format: string): void {
  try {
    checkFormat(format);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure("illegal_argument_exception", `Error parsing [format] on field [${name}]: ${error.reason}`, {
      causedBy: error,
    });
  }
}

function flag(value: unknown): boolean {
  if (String(value) === "true" || String(value) === "false") return String(value) === "true";
  throw new Failure(
    "illegal_argument_exception",
    `Failed to parse value [${value}] as only [true] or [false] are allowed.`,
  );
}

function checkAnalyzers(path: string, params: Json, analysis: Analysis): void {
  for (const key of ["analyzer", "search_analyzer", "search_quote_analyzer"]) {
    const name = params[key];
    if (name !== undefined && !analysis.analyzers.has(String(name))) {
      throw new Failure("illegal_argument_exception", `analyzer [${name}] has not been configured in mappings`);
    }
  }
  const { normalizer } = params;
  if (normalizer !== undefined && !analysis.normalizers.has(String(normalizer))) {
    throw invalid(`normalizer [${normalizer}] not found for field [${path}]`);
  }
}

/** The mapping as Elasticsearch prints it: names in order, without defaults. */
export function mappingJson({ dynamic, properties, extra }: ObjectField): Json {
  return { ...(dynamic === undefined ? {} : { dynamic }), ...extra, ...propertiesJson(properties) };
}

function propertiesJson(properties: ReadonlyMap<string, Field | ObjectField>): Json {
  if (properties.size === 0) return {};
  const names = [...properties.keys()].toSorted();
  return { properties: Object.fromEntries(names.map((name) => [name, propertyJson(properties.get(name)!)])) };
}

export function propertyJson(property: Field | ObjectField): Json {
  if (property.kind === "object") {
    const { dynamic, enabled, properties } = property;
    return {
      ...(properties.size === 0 ? { type: "object" } : {}),
      ...(dynamic === undefined ? {} : { dynamic }),
      ...(enabled ? {} : { enabled }),
      ...propertiesJson(properties),
    };
  }
  const fields = [...property.fields].map(([name, field]) => [name, propertyJson(field)] as const);
  return {
    type: property.type,
    ...(fields.length > 0 ? { fields: Object.fromEntries(fields) } : {}),
    ...property.params,
  };
}
