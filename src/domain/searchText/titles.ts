import { keyOf } from "./normalise.ts";

/** The maximum number of aliases of a title, and the key lengths for which keys with a missing character are indexed. */
const maxAliases = 4;
const nearFrom = 3;
const nearUpTo = 40;

const bracketed = /[（(【[〔［{｛][^）)】\]〕］}｝]*[）)】\]〕］}｝]/gu;
const named = /[《「『〈]([^》」』〉]+)[》」』〉]/gu;
const subtitle = /[:：—–|｜]+|\s[-~～]\s|\s/u;
const twoHan = /\p{Script=Han}.*\p{Script=Han}/u;

/**
 * Other names by which readers search for a book: the title without bracketed additions (（精校版）, 【完本】), the part in 《》, and the
 * part before a colon or dash. Never the title itself.
 */
export function aliasesOf(title: string): readonly string[] {
  const bare = title.replaceAll(bracketed, " ").trim();
  const [main = ""] = bare.split(subtitle);
  const quoted = [...title.matchAll(named)].map(([, name = ""]) => name);
  const known = new Set([keyOf(title)]);
  return [bare, ...(twoHan.test(main) ? [main] : []), ...quoted]
    .map((name) => name.trim())
    .filter((name) => {
      const key = keyOf(name);
      const isNew = [...key].length >= 2 && !known.has(key);
      known.add(key);
      return isNew;
    })
    .slice(0, maxAliases);
}

/** The characters of a key sorted by code point: equal for names with swapped characters. */
export function sortedKeyOf(key: string): string {
  return [...key].sort().join("");
}

/**
 * The keys that result from removing one character. Two names that differ by one wrong, missing or additional character, or by
 * two swapped neighbours, share one of these or are one of the other's: the symmetric deletes of Wolf Garbe's SymSpell.
 */
export function nearKeysOf(key: string): readonly string[] {
  const characters = [...key];
  if (characters.length < nearFrom || characters.length > nearUpTo) return [];
  return [...new Set(characters.map((_, index) => characters.toSpliced(index, 1).join("")))];
}
