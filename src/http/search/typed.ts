import { charactersUpTo } from "../../domain/bounded.ts";
import { keyOf } from "../../domain/searchText/normalise.ts";
import { plainText } from "../fields.ts";

/** The maximum length of a search, in characters (code points). */
export const maxTyped = 100;

/** The query field `q` of a search: as typed, with something to search for. */
export const typedText = plainText(maxTyped)
  .transform((text) => text.trim())
  .check(charactersUpTo(maxTyped))
  .refine((text) => keyOf(text) !== "", "must have something to search for");
