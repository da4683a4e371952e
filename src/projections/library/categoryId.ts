import { createHash } from "node:crypto";

/**
 * The id of a category of a channel, or of one of its sub-categories: `c` or `s` and eleven characters of `[a-z0-9]`, a hash of
 * the names, so that every build computes the same id.
 */
export function categoryId(channel: string, category: string, subCategory?: string): string {
  const names = subCategory === undefined ? [channel, category] : [channel, category, subCategory];
  const hash = createHash("sha256").update(JSON.stringify(names)).digest();
  const short = hash.readBigUInt64BE() % 36n ** 11n;
  return (subCategory === undefined ? "c" : "s") + short.toString(36).padStart(11, "0");
}
