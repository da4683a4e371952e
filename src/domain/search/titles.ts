import { keyOf } from "./normalise.ts";

/** How many names one title has at most, and from which length on names with a character missing are kept. */
const maxAliases = 4;
const nearFrom = 3;
const nearUpTo = 40;

const bracketed = /[（(【[〔［{｛][^）)】\]〕］}｝]*[）)】\]〕］}｝]/gu;
const named = /[《「『〈]([^》」』〉]+)[》」』〉]/gu;
const subtitle = /[:：—–|｜]+|\s[-~～]\s|\s/u;
const twoHan = /\p{Script=Han}.*\p{Script=Han}/u;

/**
 * Other names that readers search a book by: without what is added in brackets (（精校版）, 【完本】), what stands in 《》, and the part
 * before a colon or a dash. Not the title itself.
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

/** The characters of a key in order of their code points: the same for a name with characters swapped. */
export function sortedKeyOf(key: string): string {
  return [...key].sort().join("");
}

/**
 * The keys that are left when one character is missing. Two names that differ in one character wrong, missing, too many
 * or swapped with its neighbour have one of these, or themselves, in common: the symmetric deletes of Wolf Garbe's SymSpell.
 */
export function nearKeysOf(key: string): readonly string[] {
  const characters = [...key];
  if (characters.length < nearFrom || characters.length > nearUpTo) return [];
  return [...new Set(characters.map((_, index) => characters.toSpliced(index, 1).join("")))];
}
