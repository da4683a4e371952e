import { keyOf } from "./normalise.ts";

/** The maximum number of aliases of a title, and the key lengths for which keys with a missing character are indexed. */
const maxAliases = 4;
const nearFrom = 3;
const nearUpTo = 40;

const bracketed = /[（(【[〔［{｛][^）)】\]〕］}｝]*[）)】\]〕］}｝]/gu;
const named = /[《「『〈]([^》」』〉]+)[》」』〉]/gu;
const subtitle = /[:：—–|｜]+|\s[-~～]\s|\s/u;
const twoHan = /\p{Script=Han}.*\p{Script=Han}/u;
/** The number of a volume: from 1 to 30, or from II to XII. Greater ones are years (重生80). */
const volume = /\p{Script=Han}(?:[1-9]|[12]\d|30|II{1,2}|IV|VI{0,3}|IX|XI{0,2}|[Ⅰ-Ⅻ])$/u;

/**
 * Other names by which readers search for a book: the title without bracketed additions (（精校版）, 【完本】), the part in 《》, and the
 * part before a colon or dash if it has the number of a volume (三体II：黑暗森林). Never the title itself.
 */
export function aliasesOf(title: string): readonly string[] {
  const bare = bareOf(title);
  const lead = leadOf(bare);
  const quoted = [...title.matchAll(named)].map(([, name = ""]) => name);
  return othersOf(title, [bare, ...(volume.test(lead) ? [lead] : []), ...quoted]);
}

/**
 * The part of a title before a colon or dash. A beginning, no name: of 三国：开局召唤 it is the subject, which is another book's name, as
 * of 凡人修仙传：仙界篇. With the author it tells one book from the others. Empty if there is none.
 */
export function leadsOf(title: string): readonly string[] {
  const lead = leadOf(bareOf(title));
  return twoHan.test(lead) ? othersOf(title, [lead]) : [];
}

function bareOf(title: string): string {
  return title.replaceAll(bracketed, " ").trim();
}

function leadOf(bare: string): string {
  return bare.split(subtitle)[0] ?? "";
}

/** The names with a key of two characters or more, and none twice. */
function othersOf(title: string, names: readonly string[]): readonly string[] {
  const known = new Set([keyOf(title)]);
  return names
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
