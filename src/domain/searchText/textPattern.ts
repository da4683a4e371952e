import { unseen } from "../unseen.ts";
import { normalise } from "./normalise.ts";
import { spellingsOf } from "./spellings.ts";

/** The text that matches a gap of the query: up to 8 characters of white space and punctuation. */
const gap = "[ \\t\\r\\n\\u00a0\\u3000,.!?;:\"'()\\-~…—·、。，！？；：“”‘’「」『』《》〈〉（）【】～]{1,8}";

/** The characters that a text may have between any two of the query; the zero-width space is one of them here. */
const between = `[${unseen}\u200b]*`;

/**
 * A regular expression that finds a query in an original text, whether simplified or traditional, lower or upper case, half- or
 * full-width, with or without invisible characters. It works in JavaScript (flags `gu`) and in Postgres, so that no normalised copy of texts is needed and offsets
 * refer to the original. Undefined if the query has nothing to search for.
 */
export function textPattern(query: string): string | undefined {
  const characters = [...normalise(query)];
  if (characters.length === 0) return undefined;
  return characters.map((character) => (character === " " ? gap : classOf(spellingsOf(character)))).join(between);
}

function classOf(spellings: readonly string[]): string {
  return `[${spellings.map((one) => (/[\\[\]^-]/.test(one) ? `\\${one}` : one)).join("")}]`;
}
