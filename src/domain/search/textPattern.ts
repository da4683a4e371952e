import { normalise } from "./normalise.ts";
import { spellingsOf } from "./spellings.ts";

/** What may stand in a text where a query has a gap: white space and punctuation, a few of them. */
const gap = "[ \\t\\r\\n\\u00a0\\u3000,.!?;:\"'()\\-~…—·、。，！？；：“”‘’「」『』《》〈〉（）【】～]{1,8}";

/**
 * A query as a regular expression that finds it in a text as it is written, simplified or traditional, small or capital, half- or
 * full-width: for JavaScript (flags `gu`) and Postgres alike, which both know classes of characters. So nothing has to be kept of a
 * text but itself, and offsets are its own. Undefined if the query has nothing to search for.
 */
export function textPattern(query: string): string | undefined {
  const characters = [...normalise(query)];
  if (characters.length === 0) return undefined;
  return characters.map((character) => (character === " " ? gap : classOf(spellingsOf(character)))).join("");
}

function classOf(spellings: readonly string[]): string {
  return `[${spellings.map((one) => (/[\\[\]^-]/.test(one) ? `\\${one}` : one)).join("")}]`;
}
