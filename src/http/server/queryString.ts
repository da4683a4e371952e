import { parse } from "node:querystring";
import { RequestProblem } from "../problems.ts";

/**
 * The fields of a query string; a repeated field becomes a list, which no schema accepts. Throws `malformed_url` for invalid
 * UTF-8, for which `querystring` would substitute U+FFFD.
 */
export function parseQuery(text: string): ReturnType<typeof parse> {
  let isMalformed = false;
  const fields = parse(text, undefined, undefined, {
    // `querystring` would catch an exception thrown here and decode the text anyway.
    decodeURIComponent(part) {
      if (!part.includes("%")) return part;
      try {
        return decodeURIComponent(part);
      } catch {
        isMalformed = true;
        return part;
      }
    },
  });
  if (isMalformed) throw new RequestProblem("malformed_url", "A part of the query is not valid UTF-8.");
  return fields;
}
