import { normalise } from "../searchText/normalise.ts";

/**
 * Keywords with the same key are equal, as for titles: 《紅樓夢》 and 红楼梦 have one key. Empty if the keyword has nothing to search
 * for. If the normaliser changes, so do the keys: raise the version of every read model that stores them.
 */
export function keywordKey(keyword: string): string {
  return normalise(keyword).replaceAll(" ", "");
}
