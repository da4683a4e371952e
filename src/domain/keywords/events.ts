import { z } from "zod";
import { charactersUpTo, text } from "../bounded.ts";
import type { EventDefinitions, EventOf } from "../event.ts";
import { isOneLine, isVisible } from "../visibleText.ts";

/** The maximum length of a recorded keyword, in characters (code points). Longer searches are answered but not recorded. */
export const maxKeyword = 50;

/** A keyword as typed: one line with at least one visible character. */
export const keyword = text(maxKeyword)
  .check(charactersUpTo(maxKeyword))
  .refine((typed) => isVisible(typed) && isOneLine(typed), "must be one line that can be seen");

/** A pseudonym of an address, which cannot be traced back after the day has ended: 16 bytes in base64url. */
const visitor = z.string().regex(/^[\w-]{22}$/);

/**
 * Events of a reader's searches (`search-<readerId>`), and of searches without a login, one stream per day
 * (`search-anonymous-2026-03-01`, UTC). Events contain the keyword as typed and not its `keywordKey`, so that the rules for
 * equal keywords may change.
 */
export const keywordEvents = {
  /**
   * `results`: how many books matched, if known. `visitor`: a pseudonym for who searched without a login. `searchedAt`: when the search was
   * made, by the API's clock; searches are recorded some time later. Version 1 did not have it.
   */
  KeywordSearched: {
    version: 2,
    schema: z.strictObject({
      keyword,
      results: z.int().nonnegative().optional(),
      visitor: visitor.optional(),
      searchedAt: z.iso.datetime().optional(),
    }),
    upcasters: { 1: (data) => data },
  },
  /** The reader removed this keyword, in any spelling, from the search history: it no longer counts. */
  KeywordForgotten: { version: 1, schema: z.strictObject({ keyword }) },
  /** The reader cleared the search history. */
  SearchHistoryCleared: { version: 1, schema: z.strictObject({}) },
} as const satisfies EventDefinitions;

export type KeywordEvent = EventOf<typeof keywordEvents>;
