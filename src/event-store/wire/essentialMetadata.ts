import type { EventMetadata } from "../types.ts";

const version = Buffer.from('"schemaVersion":');
const correction = Buffer.from('"correction"');
const [brace, closingBrace, comma, zero, nine] = Buffer.from("{},09") as unknown as [
  number,
  number,
  number,
  number,
  number,
];

/** By version, the metadata that its events share. */
const known = new Map<number, EventMetadata>();

/**
 * `{schemaVersion}` of metadata as our codec writes them: the version is the last field, and there is no correction. Undefined for others, which must
 * be parsed. JSON.parse takes 4 µs where this takes 0.3, and leaves six strings to be collected.
 */
export function essentialMetadata(bytes: Buffer): EventMetadata | undefined {
  const last = bytes.length - 1;
  if (bytes[0] !== brace || bytes[last] !== closingBrace) return undefined;
  let number = 0;
  let at = last - 1;
  for (let factor = 1; isDigit(bytes[at]) && factor < 1e6; factor *= 10)
    number += ((bytes[at--] as number) - zero) * factor;
  const start = at + 1 - version.length;
  if (number === 0 || start < 1 || bytes.compare(version, 0, version.length, start, at + 1) !== 0) return undefined;
  const before = bytes[start - 1];
  if ((before !== comma && start !== 1) || bytes.includes(correction)) return undefined;
  const made = known.get(number) ?? (Object.freeze({ schemaVersion: number }) as unknown as EventMetadata);
  known.set(number, made);
  return made;
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= zero && byte <= nine;
