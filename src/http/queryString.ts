import { parse } from "node:querystring";
import { RequestProblem } from "./problems.ts";

/**
 * The fields of a query string; of one that is given twice a list, which no schema takes. Throws `malformed_url` for what is
 * no UTF-8: `querystring` alone would put U+FFFD for it, another text than was sent.
 */
export function parseQuery(text: string): ReturnType<typeof parse> {
  let isMalformed = false;
  const fields = parse(text, undefined, undefined, {
    // An error that this throws would be caught, and the text decoded after all.
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
