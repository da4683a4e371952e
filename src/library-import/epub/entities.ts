import { UnusableBookFile } from "../parsedBook.ts";

/** The maximum length of an entity's value, and of all replacements together, in UTF-16 units. */
const longestValue = 200;
const maxAdded = 1024 * 1024;

const doctype = /<!DOCTYPE\s[^[>]{0,2000}/iu;
const entity = /<!ENTITY\s+([\w.-]{1,60})\s+(?:"([^"<]{0,200})"|'([^'<]{0,200})')\s*>/giu;
const reference = /&([\w.-]{1,60});/gu;

/**
 * The document without its DOCTYPE, and with the simple entities that this declares, such as a space, replaced. Throws
 * UnusableBookFile for entities that refer to files or other entities, of which ten lines can expand to a billion characters.
 */
export function withEntities(source: string, name: string): string {
  const found = doctype.exec(source);
  if (!found) return refusing(source, name);
  const begin = found.index;
  const open = begin + found[0].length;
  if (source[open] !== "[") return refusing(source, name);
  const end = source.indexOf("]", open);
  const close = end < 0 ? -1 : source.indexOf(">", end);
  if (close < 0) return refusing(source, name);
  const subset = source.slice(open + 1, end);
  refusing(subset.replace(entity, ""), name);
  const values = new Map<string, string>();
  for (const [, own, double, single] of subset.matchAll(entity)) {
    const value = double ?? single ?? "";
    if (value.length > longestValue || /&(?!#|amp;|lt;|gt;|quot;|apos;)/u.test(value)) throw refusal(name);
    values.set(own!, value);
  }
  const document = refusing(source.slice(0, begin) + source.slice(close + 1), name);
  return values.size === 0 ? document : expanded(document, values, name);
}

function expanded(document: string, values: ReadonlyMap<string, string>, name: string): string {
  let added = 0;
  return document.replace(reference, (whole, own: string) => {
    const value = values.get(own);
    if (value === undefined) return whole;
    added += value.length;
    if (added > maxAdded) throw refusal(name);
    return value;
  });
}

function refusing(source: string, name: string): string {
  if (/<!ENTITY\s/iu.test(source)) throw refusal(name);
  return source;
}

function refusal(name: string): UnusableBookFile {
  return new UnusableBookFile(`${name} in it declares XML entities, which are not accepted`);
}
