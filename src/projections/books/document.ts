import { keyOf, normalise } from "../../domain/searchText/normalise.ts";
import {
  initialsOf,
  joinedOf,
  type PronunciationUnit,
  pronunciationsOf,
  waysOf,
} from "../../domain/searchText/pinyin.ts";
import { aliasesOf, leadsOf, nearKeysOf, sortedKeyOf } from "../../domain/searchText/titles.ts";

/** The input of a book's document: the columns of the read model's row. */
export type BookRow = {
  readonly book_id: string;
  readonly title: string;
  readonly author: string;
  readonly intro: string;
  readonly channel: string;
  readonly category: string;
  readonly category_id: string;
  readonly sub_category: string | null;
  readonly sub_category_id: string | null;
  readonly status: string;
  /** Of the published edition, else as stated by the source; null if unknown. */
  readonly words: bigint | null;
  readonly updated_at: Date;
  readonly withdrawn_at: Date | null;
};

/** Numbers that change without an event of the book: the decayed heat (in points) and the number of shelves, as of a time. */
export type BookNumbers = { readonly heat: number; readonly shelves: number; readonly asOf: Date };

/** The searchable length of an intro, in characters. */
const introCharacters = 5_000;

/** The document of a book in the index (index.ts). */
export function bookDocument(row: BookRow, { heat, shelves, asOf }: BookNumbers) {
  const aliases = aliasesOf(row.title);
  const titleKey = keyOf(row.title);
  const authorKey = keyOf(row.author);
  const aliasKeys = aliases.map(keyOf);
  const titleUnits = pronunciationsOf(row.title);
  const aliasUnits = aliases.map((name) => pronunciationsOf(name));
  const authorUnits = pronunciationsOf(row.author, "head");
  return {
    bookId: row.book_id,
    title: normalise(row.title),
    author: normalise(row.author),
    intro: normalise([...row.intro].slice(0, introCharacters).join("")),
    titleKey,
    aliasKeys,
    authorKey,
    bothKeys: distinct(
      [titleKey, ...aliasKeys, ...leadsOf(row.title).map(keyOf)].flatMap((key) => [key + authorKey, authorKey + key]),
    ),
    nearKeys: nearKeysOf(titleKey),
    sortedKey: sortedKeyOf(titleKey),
    pinyin: {
      title: distinct(joinedOf(titleUnits)),
      titleInitials: distinct(initialsOf(titleUnits)),
      titleSyllables: syllablesOf(titleUnits),
      aliases: distinct(aliasUnits.flatMap(joinedOf)),
      aliasInitials: distinct(aliasUnits.flatMap(initialsOf)),
      author: distinct(joinedOf(authorUnits)),
      authorInitials: distinct(initialsOf(authorUnits)),
      authorSyllables: syllablesOf(authorUnits),
    },
    category: keyOf(row.category),
    subCategory: row.sub_category === null ? null : keyOf(row.sub_category),
    channel: row.channel,
    categoryId: row.category_id,
    subCategoryId: row.sub_category_id,
    status: row.status,
    words: row.words === null ? null : Number(row.words),
    updatedAt: row.updated_at.toISOString(),
    heat,
    shelves,
    numbersAsOf: asOf.toISOString(),
    visible: row.withdrawn_at === null,
    shown: { title: row.title, author: row.author },
  };
}

function syllablesOf(units: readonly PronunciationUnit[]): readonly string[] {
  return waysOf(units)
    .map((way) => way.map((reading) => `${reading}.`))
    .map((syllables) => ["^", ...syllables, "$"].join(" "));
}

function distinct(list: readonly string[]): readonly string[] {
  return [...new Set(list)].filter((text) => text !== "");
}
