import { normalise } from "../search/normalise.ts";

/**
 * What keywords are compared by, as titles are: 《紅樓夢》 and 红楼梦 count as one. Empty for a keyword of which nothing is searched
 * for. Another normaliser makes other keys: the read models with keys are then raised in their version.
 */
export function keywordKey(keyword: string): string {
  return normalise(keyword).replaceAll(" ", "");
}
