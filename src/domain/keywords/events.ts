import { z } from "zod";
import { text } from "../bounded.ts";
import type { EventDefinitions, EventOf } from "../event.ts";
import { isOneLine, isVisible } from "../visibleText.ts";

/** Characters (code points) of a keyword; what is longer is searched for, and not recorded. */
export const maxKeyword = 50;

/** A keyword as it was typed: one line in which something can be seen. */
export const keyword = text(maxKeyword)
  .refine((typed) => [...typed].length <= maxKeyword, `must have at most ${maxKeyword} characters`)
  .refine((typed) => isVisible(typed) && isOneLine(typed), "must be one line that can be seen");

/** An address as a hash that nobody can trace back when the day is over: 16 bytes in base64url. */
const visitor = z.string().regex(/^[\w-]{22}$/);

/**
 * What a reader searched for (`search-<readerId>`), and what others did, in one stream a day (`search-anonymous-2026-03-01`, UTC).
 * Which keywords are the same is not in the events (`keywordKey`): it may be told better one day.
 */
export const keywordEvents = {
  /** `results`: how many books matched, as far as it was known. `visitor`: who searched without a login. */
  KeywordSearched: {
    version: 1,
    schema: z.strictObject({ keyword, results: z.int().nonnegative().optional(), visitor: visitor.optional() }),
  },
  /** The reader took this keyword off the list of searches: it counts no more, however it was written. */
  KeywordForgotten: { version: 1, schema: z.strictObject({ keyword }) },
  /** The reader cleared the list of searches. */
  SearchHistoryCleared: { version: 1, schema: z.strictObject({}) },
} as const satisfies EventDefinitions;

export type KeywordEvent = EventOf<typeof keywordEvents>;
