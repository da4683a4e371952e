import { keywordKey } from "../../domain/keywords/keywordKey.ts";
import type { Pool } from "../../platform/postgres.ts";
import { hotKeywords } from "./hotKeywords.ts";

/** The maximum age of the hot searches, in milliseconds. */
export const hotMaxAgeMs = 60_000;

/** The number of hot keywords. */
const hotCount = 50;

/** Returns whether a keyword, a title or an author is one of the 50 hottest keywords. */
export type IsHot = (keyword: string) => boolean;

/**
 * Looks up the hot keywords, at most a minute old. Never rejects: if Postgres does not answer, nothing is hot, and the next
 * call tries again.
 */
export function createHotLookup(pool: Pool, now: () => Date = () => new Date()): () => Promise<IsHot> {
  let known: { readonly at: number; readonly isHot: Promise<IsHot> } | undefined;
  return () => {
    const at = now();
    if (known !== undefined && at.getTime() - known.at < hotMaxAgeMs) return known.isHot;
    const isHot = hotKeywords(pool, at, hotCount).then(
      (hot): IsHot => {
        const keys = new Set(hot.map(({ key }) => key));
        return (keyword) => keys.has(keywordKey(keyword));
      },
      (): IsHot => {
        if (known === asked) known = undefined;
        return () => false;
      },
    );
    const asked = { at: at.getTime(), isHot };
    known = asked;
    return isHot;
  };
}
