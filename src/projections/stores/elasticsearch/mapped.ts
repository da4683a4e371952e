import { RefusedContents } from "./errors.ts";

type Properties = Readonly<Record<string, unknown>>;
type Field = {
  readonly type?: string;
  readonly properties?: Properties;
  readonly fields?: Properties;
  readonly ignore_above?: number;
  readonly enabled?: boolean;
};

/** Bytes of UTF-8: Lucene's limit for terms. */
const maxTermBytes = 32_766;

/**
 * Throws RefusedContents for what the index would refuse: a field without a mapping, a keyword that is too long, an invalid
 * number. Checking here finds it before anything is written, also in a trial that writes nothing.
 */
export function refuseUnmapped(properties: Properties, value: Properties, path = ""): void {
  for (const [name, inner] of Object.entries(value)) {
    const field = properties[name] as Field | undefined;
    if (field === undefined) throw new RefusedContents(`the index has no field ${path}${name}`);
    if (field.enabled === false) continue;
    for (const one of Array.isArray(inner) ? inner : [inner]) {
      if (one === null || one === undefined) continue;
      if (field.properties === undefined) refuseValue(field, `${path}${name}`, one);
      else if (typeof one === "object") refuseUnmapped(field.properties, one as Properties, `${path}${name}.`);
      else throw new RefusedContents(`${path}${name} is an object`);
    }
  }
}

function refuseValue(field: Field, path: string, value: unknown): void {
  const { type, fields = {}, ignore_above: maxLength } = field;
  if (type === "keyword" && typeof value === "string") {
    const isIgnored = maxLength !== undefined && value.length > maxLength;
    if (!isIgnored && Buffer.byteLength(value) > maxTermBytes)
      throw new RefusedContents(`${path} is too long a keyword`);
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new RefusedContents(`${path} is no number`);
  for (const [name, sub] of Object.entries(fields)) refuseValue(sub as Field, `${path}.${name}`, value);
}
