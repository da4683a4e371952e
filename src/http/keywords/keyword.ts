import { z } from "zod";
import { keyword, maxKeyword } from "../../domain/keywords/events.ts";
import { keywordKey } from "../../domain/keywords/keywordKey.ts";
import { plainText } from "../fields.ts";

/** The field `keyword` of a request: a keyword that can be recorded. */
export const keywordField = z.strictObject({
  keyword: plainText(maxKeyword)
    .transform((text) => text.trim())
    .pipe(keyword.refine((text) => keywordKey(text) !== "", "must have something to search for")),
});
