import { normalise } from "./normalise.ts";
import { spellingsOf } from "./spellings.ts";

/** What a text may have where the query has a gap: up to 8 characters of white space and punctuation. */
const gap = "[ \\t\\r\\n\\u00a0\\u3000,.!?;:\"'()\\-~…—·、。，！？；：“”‘’「」『』《》〈〉（）【】～]{1,8}";

/**
 * A regular expression that finds a query in an original text, whether simplified or traditional, lower or upper case, half- or
 * full-width. It works in JavaScript (flags `gu`) and in Postgres, so that no normalised copy of texts is needed and offsets
 * refer to the original. Undefined if the query has nothing to search for.
 */
export function textPattern(query: string): string | undefined {
  const characters = [...normalise(query)];
  if (characters.length === 0) return undefined;
  return characters.map((character) => (character === " " ? gap : classOf(spellingsOf(character)))).join("");
}

function classOf(spellings: readonly string[]): string {
  return `[${spellings.map((one) => (/[\\[\]^-]/.test(one) ? `\\${one}` : one)).join("")}]`;
}
