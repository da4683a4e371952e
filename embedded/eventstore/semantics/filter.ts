import { InvalidRequest } from "./errors.ts";

/** The filter of a read. */
export type FilterRequest = {
  by: "stream" | "type" | undefined;
  regex: string;
  prefixes: string[];
  /** The number of events in a window; undefined when the request has `count`, which is 32. */
  window: number | undefined;
  checkpointMultiplier: number;
};

/** A filter tests one text of an event: the name of its stream, or its type; UTF-8. */
export type EventFilter = { by: "stream" | "type"; matches(text: Buffer): boolean };

/**
 * A server-side filter: a regular expression beats prefixes; an expression with neither matches nothing.
 * @throws InvalidRequest for a regular expression that does not compile.
 */
export function compileFilter({ by = "stream", regex, prefixes }: FilterRequest): EventFilter {
  if (regex !== "") {
    const compiled = compileRegex(regex);
    return { by, matches: (text) => compiled.test(text.toString()) };
  }
  const encoded = prefixes.map((prefix) => Buffer.from(prefix));
  return { by, matches: (text) => encoded.some((prefix) => startsWith(text, prefix)) };
}

/** .NET's leading inline flags are translated; JavaScript knows them only as flags of the whole expression. */
function compileRegex(source: string): RegExp {
  const inline = /^\(\?([ims]+)\)/.exec(source);
  try {
    return inline ? new RegExp(source.slice(inline[0].length), inline[1]) : new RegExp(source);
  } catch (error) {
    throw new InvalidRequest(`The filter is no regular expression: ${(error as Error).message}`);
  }
}

function startsWith(value: Buffer, prefix: Buffer): boolean {
  return value.length >= prefix.length && value.compare(prefix, 0, prefix.length, 0, prefix.length) === 0;
}
