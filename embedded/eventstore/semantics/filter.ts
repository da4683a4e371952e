import type { FilterRequest } from "../wire/read-request.ts";
import { InvalidRequest } from "./errors.ts";

/** The two texts of an event that a filter may look at; bytes are UTF-8. */
export type Filterable = { streamName(): Buffer; eventType(): Buffer };
export type EventFilter = (event: Filterable) => boolean;

/**
 * A server-side filter: a regular expression beats prefixes; an expression without either matches nothing.
 * @throws InvalidRequest for a regular expression that does not compile.
 */
export function compileFilter(request: FilterRequest): EventFilter {
  const text =
    request.by === "type" ? (event: Filterable) => event.eventType() : (event: Filterable) => event.streamName();
  if (request.regex !== "") {
    const regex = compileRegex(request.regex);
    return (event) => regex.test(text(event).toString());
  }
  const prefixes = request.prefixes.map((prefix) => Buffer.from(prefix));
  return (event) => {
    const value = text(event);
    return prefixes.some((prefix) => startsWith(value, prefix));
  };
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
