import { milliseconds } from "../indices/settings.ts";
import { Failure, illegalArgument } from "../json/failure.ts";
import type { Node } from "../json/node.ts";
import { BrokenJson, brokenJson, parseJson, parsePartial } from "../json/parse.ts";
import { Source } from "../json/source.ts";

/** The URL parameters of all requests. */
export const commonParameters = [
  "pretty",
  "human",
  "filter_path",
  "error_trace",
  "format",
  "source",
  "source_content_type",
];

/** A request as handlers see it. */
export type Exchange = {
  readonly method: string;
  readonly path: string;
  /** The parts of the path that the route names. */
  readonly at: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: string;
};

export type Answer = {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Record<string, string>;
};

export const ok = (body: unknown, status = 200): Answer => ({ status, body });

/** Refuses parameters that the handler does not take. */
export function checkParameters({ query, path }: Exchange, known: readonly string[]): void {
  const unknown = [...new Set(query.keys())]
    .filter((name) => !known.includes(name) && !commonParameters.includes(name))
    .toSorted();
  if (unknown.length === 0) return;
  const names = unknown.map((name) => `[${name}]`).join(", ");
  throw illegalArgument(`request [${path}] contains unrecognized parameter${unknown.length > 1 ? "s" : ""}: ${names}`);
}

export function flag({ query }: Exchange, name: string, fallback: boolean): boolean {
  const value = query.get(name);
  if (value === null) return fallback;
  if (value === "") return true;
  if (value === "true" || value === "false") return value === "true";
  throw illegalArgument(`Failed to parse value [${value}] as only [true] or [false] are allowed.`);
}

/** A whole number; undefined when it is not given. */
export function whole({ query }: Exchange, name: string, type: "int" | "long" = "int"): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  const [least, most] = type === "int" ? [-(2n ** 31n), 2n ** 31n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n];
  if (/^[+-]?\d+$/.test(value)) {
    const number = BigInt(value.replace(/^\+/, ""));
    if (number >= least && number <= most) return Number(number);
  }
  const causedBy = new Failure("number_format_exception", `For input string: "${value}"`);
  throw illegalArgument(`Failed to parse ${type} parameter [${name}] with value [${value}]`, causedBy);
}

export function time({ query }: Exchange, name: string): number | undefined {
  const value = query.get(name);
  return value === null ? undefined : milliseconds(value, name);
}

export function list({ query }: Exchange, name: string): string[] | undefined {
  return query.get(name)?.split(",");
}

/** The body, or the parameter `source` of the URL if there is none. */
export const bodyText = ({ body, query }: Exchange) => (body === "" ? (query.get("source") ?? "") : body);

/** The body's JSON; undefined for none. */
export function json(exchange: Exchange): { root: Node; source: Source } | undefined {
  const text = bodyText(exchange);
  if (text === "") return undefined;
  const source = new Source(text);
  try {
    return { root: parseJson(source), source };
  } catch (error) {
    throw error instanceof BrokenJson ? brokenJson(error) : error;
  }
}

/**
 * The body's JSON, up to the first syntax error: a reader that reaches it throws it there, as a streaming parser does, and `end`
 * throws it otherwise.
 */
export function partialJson(exchange: Exchange): { root: Node; source: Source; end(): void } | undefined {
  const text = bodyText(exchange);
  if (text === "") return undefined;
  const source = new Source(text);
  const { root, broken } = parsePartial(source);
  if (root === undefined) throw broken;
  return {
    root,
    source,
    end() {
      if (broken !== undefined) throw broken;
    },
  };
}

/** The required JSON of the body. */
export function requiredJson(exchange: Exchange, what = "request body"): { root: Node; source: Source } {
  const parsed = json(exchange);
  if (parsed === undefined) throw new Failure("parse_exception", `${what} is required`);
  return parsed;
}
