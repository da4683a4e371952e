import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";

/** A library has some dozens of categories, and an import looks one up for each book. */
const remembered = new LRUCache<string, string>({ max: 1_000 });

/**
 * The id of a category of a channel, or of one of its sub-categories: `c` or `s` and eleven characters of `[a-z0-9]`, a hash of
 * the names, so that every build computes the same id.
 */
export function categoryId(channel: string, category: string, subCategory?: string): string {
  const names = JSON.stringify(subCategory === undefined ? [channel, category] : [channel, category, subCategory]);
  const known = remembered.get(names);
  if (known !== undefined) return known;
  const hash = createHash("sha256").update(names).digest();
  const short = hash.readBigUInt64BE() % 36n ** 11n;
  const id = (subCategory === undefined ? "c" : "s") + short.toString(36).padStart(11, "0");
  remembered.set(names, id);
  return id;
}

/** The id of a sub-category; null if there is none. */
export function subCategoryId(channel: string, category: string, subCategory: string | null): string | null {
  return subCategory === null ? null : categoryId(channel, category, subCategory);
}
