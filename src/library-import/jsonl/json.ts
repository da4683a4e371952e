/** Integers of at most 15 digits are exact as JavaScript numbers. */
const longDigits = /\d{16}/;

/**
 * Parses JSON without losing digits: integers of 16 or more digits outside of strings become strings. Throws SyntaxError like
 * JSON.parse.
 */
export function parseJson(source: string): unknown {
  return JSON.parse(longDigits.test(source) ? quoteLongIntegers(source) : source);
}

/** The value of a line that is a JSON object; undefined for all else. */
export function parseLine(text: string): unknown {
  // Exceptions cost more than many valid lines.
  if (!text.startsWith("{") || !text.endsWith("}")) return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Scans by hand: a regular expression for strings of megabytes would exhaust its stack. */
function quoteLongIntegers(source: string): string {
  const parts: string[] = [];
  let copied = 0;
  for (let index = 0; index < source.length; ) {
    const character = source[index]!;
    if (character === '"') {
      index = endOfString(source, index);
    } else if (character === "-" || (character >= "0" && character <= "9")) {
      let end = index + 1;
      while (end < source.length && /[\d.eE+-]/.test(source[end]!)) end += 1;
      const number = source.slice(index, end);
      if (/^-?\d{16,}$/.test(number)) {
        parts.push(source.slice(copied, index), `"${number}"`);
        copied = end;
      }
      index = end;
    } else index += 1;
  }
  return parts.join("") + source.slice(copied);
}

/** The index after the string that begins at `start`. */
function endOfString(source: string, start: number): number {
  let index = start + 1;
  while (index < source.length && source[index] !== '"') index += source[index] === "\\" ? 2 : 1;
  return index + 1;
}
