import { keyOf, normalise } from "../../domain/search/normalise.ts";
import { initialsOf, joinedOf, type Spoken, spokenOf, waysOf } from "../../domain/search/pinyin.ts";
import { aliasesOf, nearKeysOf } from "../../domain/search/titles.ts";

/** What a book's document is made of: the columns of the read model's row. */
export type BookRow = {
  readonly book_id: string;
  readonly title: string;
  readonly author: string;
  readonly intro: string;
  readonly channel: string;
  readonly category_id: string;
  readonly sub_category_id: string | null;
  readonly status: string;
  /** Of the published edition, else what the source says; null when nobody has counted them. */
  readonly words: bigint | null;
  readonly updated_at: Date;
  readonly withdrawn_at: Date | null;
};

/** What changes without an event of the book: the decayed heat (in points), the shelves it lies on, and as of when. */
export type BookNumbers = { readonly heat: number; readonly shelves: number; readonly asOf: Date };

/** How much of an intro is searched. */
const introCharacters = 1_000;

/** The document of a book in the index (index.ts). */
export function bookDocument(row: BookRow, { heat, shelves, asOf }: BookNumbers) {
  const names = [row.title, ...aliasesOf(row.title)];
  const titleKeys = names.map(keyOf);
  const [titleKey = ""] = titleKeys;
  const authorKey = keyOf(row.author);
  const spokenTitles = names.map((name) => spokenOf(name));
  const spokenAuthor = spokenOf(row.author, "head");
  return {
    bookId: row.book_id,
    title: normalise(row.title),
    author: normalise(row.author),
    intro: normalise([...row.intro].slice(0, introCharacters).join("")),
    titleKeys,
    authorKey,
    bothKeys: distinct(titleKeys.flatMap((key) => [key + authorKey, authorKey + key])),
    nearKeys: nearKeysOf(titleKey),
    pinyin: {
      title: distinct(spokenTitles.flatMap(joinedOf)),
      titleInitials: distinct(spokenTitles.flatMap(initialsOf)),
      titleSyllables: syllablesOf(spokenTitles[0] ?? []),
      author: distinct(joinedOf(spokenAuthor)),
      authorInitials: distinct(initialsOf(spokenAuthor)),
      authorSyllables: syllablesOf(spokenAuthor),
    },
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
  };
}

function syllablesOf(spoken: readonly Spoken[]): readonly string[] {
  return waysOf(spoken).map((way) => way.map((reading) => `${reading}.`).join(" "));
}

function distinct(list: readonly string[]): readonly string[] {
  return [...new Set(list)].filter((text) => text !== "");
}
