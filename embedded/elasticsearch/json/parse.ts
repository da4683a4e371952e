import { Failure } from "./failure.ts";
import type { Entry, Node } from "./node.ts";
import type { Source } from "./source.ts";

const escapes: Record<string, string> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const quote = 0x22;
const backslash = 0x5c;
const numbers = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const expected = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/** Invalid JSON, before the request wraps it in its own error; `at` is the reported location. */
export class BrokenJson extends Error {
  readonly offset: number;
  readonly source: Source;
  /** The start of the last complete token before the parser stopped. */
  readonly lastToken: number;
  readonly endOfInput: boolean;
  /** Bytes after the offset: the parser stopped within a character. */
  readonly shift: number;

  constructor(message: string, source: Source, offset: number, lastToken: number, endOfInput: boolean, shift: number) {
    super(message);
    this.source = source;
    this.offset = offset;
    this.lastToken = lastToken;
    this.endOfInput = endOfInput;
    this.shift = shift;
  }
}

/** The quotation of the input in errors of Elasticsearch's parser: the first 500 bytes. */
function quoted(source: Source): string {
  const bytes = Buffer.byteLength(source.text);
  if (bytes <= 500) return `(byte[])"${source.text}"`;
  return `(byte[])"${Buffer.from(source.text).subarray(0, 500).toString()}"[truncated ${bytes - 500} bytes]`;
}

/** The answer to a request with invalid JSON. */
export function brokenJson(broken: BrokenJson): Failure {
  const { line, col: start } = broken.source.place(broken.offset);
  const col = start + broken.shift;
  const from = `\n at [Source: ${quoted(broken.source)}; line: ${line}, column: ${col}]`;
  const [kind, what] = broken.endOfInput ? ["e_o_f", "Unexpected end of file"] : ["parse", broken.message + from];
  const causedBy = new Failure(`json_${kind}_exception`, broken.message + from);
  const at = broken.lastToken;
  return new Failure(`x_content_${kind}_exception`, `[${line}:${col}] ${what}`, { causedBy, at });
}

/** Makes the members of an object or array end in a syntax error: reading past them throws it. */
function endInFault(list: unknown[], fault: Failure): void {
  Object.defineProperty(list, Symbol.iterator, {
    *value() {
      yield* Array.prototype.values.call(list);
      throw fault;
    },
  });
}

const faults = new WeakMap<Node, Failure>();

/** The syntax error directly after a value, for callers that read the next token. */
export const faultBehind = (node: Node): Failure | undefined => faults.get(node);

/** Parses up to the first syntax error; `root` is undefined if there is no value before it. */
export function parsePartial(source: Source): { root: Node | undefined; broken: Failure | undefined } {
  try {
    let broken: Failure | undefined;
    const root = parseJson(source, true, (fault) => {
      broken ??= brokenJson(fault);
      return broken;
    });
    return { root, broken };
  } catch (error) {
    if (!(error instanceof BrokenJson)) throw error;
    return { root: undefined, broken: brokenJson(error) };
  }
}

/**
 * Parses strict JSON; throws BrokenJson in the words of Elasticsearch's parser (Jackson). `strictEnd` refuses text after the value;
 * `forgive` receives a syntax error, and the value is what precedes it. */
export function parseJson(source: Source, strictEnd = true, forgive?: (fault: BrokenJson) => Failure): Node {
  const { text } = source;
  let position = 0;
  let lastToken = 0;
  let hasFault = false;
  let depth = 0;

  const fail = (message: string, offset = position, endOfInput = false, shift = 0): never => {
    throw new BrokenJson(message, source, offset, lastToken, endOfInput, shift);
  };
  const unexpected = (what: string, offset = position) => {
    const code = text.codePointAt(offset)!;
    const char = String.fromCodePoint(code);
    const shown = `'${char}' (code ${code}${code > 255 ? ` / 0x${code.toString(16)}` : ""})`;
    return fail(`Unexpected character (${shown})${what}`, offset, false, Buffer.byteLength(char) - 1);
  };
  const between = (kind: "Object" | "Array", endOfInput: boolean) =>
    fail(`Unexpected end-of-input within/between ${kind} entries`, text.length, endOfInput);
  const skip = () => {
    for (; position < text.length; position++) {
      const code = text.charCodeAt(position);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
    }
  };
  const ended = (kind: "Object" | "Array", start: number) => {
    const { line, col } = source.place(start);
    return fail(
      `Unexpected end-of-input: expected close marker for ${kind} (start marker at [Source: ${quoted(source)}; line: ${line}, column: ${col}])`,
      text.length,
      true,
    );
  };

  function value(inArray = false): Node {
    const start = position;
    const char = text[position]!;
    if (char === "{") return object(start);
    if (char === "[") return array(start);
    if (char === '"') return { kind: "string", value: string(), start, end: position };
    if (char === "-" || (char >= "0" && char <= "9")) return number(start);
    if (/[\w$]/.test(char)) return word(start);
    if (char === "+") return plusSign(start);
    if (char > "\x7f") return notAscii(start);
    if (char === "}" || char === "," || (char === "]" && inArray)) return unexpected(": expected a value");
    return unexpected(`: expected a valid value ${expected}`);
  }

  function object(start: number): Node {
    lastToken = start;
    const entries: Entry[] = [];
    const names = new Set<string>();
    position += 1;
    const isWhole = untilFault(entries, () => members(entries, names, start));
    if (isWhole) position += 1;
    return { kind: "object", entries, start, end: position };
  }

  /** Runs until a syntax error; what was read before it is kept. */
  function untilFault(list: (Entry | Node)[], read: () => void): boolean {
    depth += 1;
    try {
      read();
      depth -= 1;
      return !hasFault;
    } catch (error) {
      if (!(error instanceof BrokenJson) || forgive === undefined) throw error;
      hasFault = true;
      const fault = forgive(error);
      endInFault(list, fault);
      const last = list.at(-1);
      if (last !== undefined) faults.set("value" in last && "at" in last ? last.value : (last as Node), fault);
      return false;
    }
  }

  function members(entries: Entry[], names: Set<string>, start: number): void {
    for (;;) {
      skip();
      if (position >= text.length && entries.length > 0) between("Object", false);
      if (position >= text.length) ended("Object", start);
      if (text[position] === "]" && entries.length === 0) mismatch("]", "}", "Object", start);
      if (text[position] === "}" && entries.length === 0) break;
      if (text[position] !== '"') unexpected(": was expecting double-quote to start field name");
      const at = position;
      const key = string("field name");
      if (names.has(key)) fail(`Duplicate field '${key}'`);
      names.add(key);
      lastToken = at;
      skip();
      if (position >= text.length) between("Object", true);
      if (text[position] !== ":") unexpected(": was expecting a colon to separate field name and value");
      position += 1;
      skip();
      if (position >= text.length) between("Object", true);
      const member = value();
      lastToken = member.kind === "object" || member.kind === "array" ? member.end - 1 : member.start;
      entries.push({ key, at, value: member });
      if (hasFault) return;
      skip();
      if (position >= text.length) ended("Object", start);
      if (text[position] === "}") break;
      if (text[position] === "]") mismatch("]", "}", "Object", start);
      if (text[position] !== ",") unexpected(": was expecting comma to separate Object entries");
      position += 1;
    }
  }

  function array(start: number): Node {
    lastToken = start;
    const items: Node[] = [];
    position += 1;
    const isWhole = untilFault(items, () => elements(items, start));
    if (isWhole) position += 1;
    return { kind: "array", items, start, end: position };
  }

  function elements(items: Node[], start: number): void {
    for (;;) {
      skip();
      if (position >= text.length && items.length > 0) between("Array", false);
      if (position >= text.length) ended("Array", start);
      if (text[position] === "}" && items.length === 0) mismatch("}", "]", "Array", start);
      if (text[position] === "]" && items.length === 0) break;
      lastToken = position;
      const item = value(true);
      lastToken = item.kind === "object" || item.kind === "array" ? item.end - 1 : item.start;
      items.push(item);
      if (hasFault) return;
      skip();
      if (position >= text.length) ended("Array", start);
      if (text[position] === "]") break;
      if (text[position] === "}") mismatch("}", "]", "Array", start);
      if (text[position] !== ",") unexpected(": was expecting comma to separate Array entries");
      position += 1;
    }
  }

  function mismatch(found: string, wanted: string, kind: string, start: number): never {
    const { line, col } = source.place(start);
    lastToken = position;
    const opened = `[Source: ${quoted(source)}; line: ${line}, column: ${col}]`;
    return fail(`Unexpected close marker '${found}': expected '${wanted}' (for ${kind} starting at ${opened})`);
  }

  function string(where = "VALUE_STRING"): string {
    let result = "";
    position += 1;
    for (;;) {
      const from = position;
      while (position < text.length && text.charCodeAt(position) !== quote && text.charCodeAt(position) !== backslash) {
        position += 1;
      }
      if (position >= text.length) fail(`Unexpected end-of-input in ${where}`, text.length, true);
      result += text.slice(from, position);
      position += 1;
      if (text.charCodeAt(position - 1) === quote) return result;
      const escaped = text[position] ?? "";
      if (escaped === "u") {
        const digits = text.slice(position + 1, position + 5);
        if (!/^[0-9a-fA-F]{4}$/.test(digits))
          unexpected(": expected a hex-digit for character escape sequence", position + 1);
        result += String.fromCharCode(Number.parseInt(digits, 16));
        position += 5;
        continue;
      }
      if (escapes[escaped] === undefined) {
        fail(`Unrecognized character escape '${escaped}' (code ${escaped.charCodeAt(0)})`);
      }
      result += escapes[escaped];
      position += 1;
    }
  }

  function number(start: number): Node {
    if (text[position] === "-" && position + 1 >= text.length) {
      fail("Unexpected end-of-input in FIELD_NAME", text.length, true);
    }
    numbers.lastIndex = position;
    const raw = numbers.exec(text)?.[0] ?? "-";
    position += raw.length;
    if (text[position] === "." && !/[.eE]/.test(raw)) {
      const why = " in numeric value: Decimal point not followed by a digit";
      unexpected(why, Math.min(position + 1, text.length - 1));
    }
    if (/^-?0$/.test(raw) && /\d/.test(text[position] ?? "")) {
      fail("Invalid numeric value: Leading zeroes not allowed");
    }
    if (depth === 0 && position < text.length && !/\s/.test(text[position]!)) {
      unexpected(": Expected space separating root-level values");
    }
    return { kind: "number", raw, start, end: position };
  }

  function plusSign(at: number): never {
    const feature = "enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow";
    const why = `JSON spec does not allow numbers to have plus signs: ${feature}`;
    return fail(`Unexpected character ('+' (code 43)) in numeric value: ${why}`, at + 1);
  }

  /** Elasticsearch reads the remaining word, and mistakes the second byte of the character for a first. */
  function notAscii(at: number): never {
    const [, second = 0] = Buffer.from(String.fromCodePoint(text.codePointAt(at)!));
    return fail(`Invalid UTF-8 start byte 0x${second.toString(16)}`, at, false, 2);
  }

  function word(start: number): Node {
    const name = /^[\w$]+/.exec(text.slice(position))![0];
    position += name.length;
    if (name === "true" || name === "false") return { kind: "boolean", value: name === "true", start, end: position };
    if (name === "null") return { kind: "null", start, end: position };
    if (name === "NaN" || name === "Infinity" || name === "INF") {
      fail(`Non-standard token '${name}': enable \`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS\` to allow`);
    }
    // The parser has read one character more, if there is one.
    return fail(`Unrecognized token '${name}': was expecting ${expected}`, Math.min(position + 1, text.length));
  }

  skip();
  if (position >= text.length) fail("No content to map due to end-of-input", position, true);
  if ("}]".includes(text[position]!)) unopened();
  const root = value();
  if (hasFault) return root;
  skip();
  if (strictEnd && position < text.length) return trailing(root);
  return root;

  function unopened(): never {
    const [found, wanted] = text[position] === "}" ? ["}", "]"] : ["]", "}"];
    return fail(
      `Unexpected close marker '${found}': expected '${wanted}' (for root starting at [Source: ${quoted(source)}; line: 1, column: 0])`,
    );
  }

  function trailing(whole: Node): Node {
    try {
      return nothingMore(whole);
    } catch (error) {
      if (!(error instanceof BrokenJson) || forgive === undefined) throw error;
      forgive(error);
      return whole;
    }
  }

  function nothingMore(whole: Node): Node {
    if ("}]".includes(text[position]!)) unopened();
    value();
    return whole;
  }
}
