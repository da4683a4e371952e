import { type AnalysedQuery, analyseQuery } from "../../domain/searchText/analyseQuery.ts";
import { anyOf, type Clause, scored, startsWith, startsWithAny } from "./dsl.ts";
import type { SearchOne } from "./gatherSearches.ts";
import { type Mark, markerOf } from "./highlights.ts";

/** A suggested book with the matches of what was typed; none if the pinyin matches. */
export type Suggestion = {
  readonly bookId: string;
  readonly title: string;
  readonly author: string;
  readonly matched: "title" | "author" | "pinyin" | "authorPinyin";
  readonly marks: readonly Mark[];
};

const maxSuggestions = 10;

type Kind = { readonly matched: Suggestion["matched"]; readonly clause: Clause };

/**
 * Suggestions (联想): at most ten books, by the kinds of `kindsOf`. Equal matches are ordered by heat. Rejects with SearchUnavailable.
 */
export async function suggestBooks(search: SearchOne, typed: string): Promise<readonly Suggestion[]> {
  const analysed = analyseQuery(typed);
  const kinds = kindsOf(analysed);
  // Each kind has the number of those after it as its score, the last one 1.
  const queries = kinds.map(({ clause }, index) => scored(kinds.length - index, clause));
  const { hits } = await search({
    query: { bool: { must: [{ dis_max: { queries } }], filter: [{ term: { visible: true } }] } },
    sort: [{ _score: { order: "desc" } }, { heat: { order: "desc", missing: "_last" } }, { bookId: { order: "asc" } }],
    size: maxSuggestions,
    _source: false,
    docvalue_fields: ["shown.title", "shown.author"],
  });
  const marksIn = markerOf(typed);
  return hits.map(({ id, score, fields }) => {
    const [title = "", author = ""] = [fields["shown.title"], fields["shown.author"]].map((values) =>
      String(values?.[0]),
    );
    const matched = kinds[kinds.length - Math.round(score)]?.matched ?? "title";
    const marks = matched === "title" ? marksIn(title) : matched === "author" ? marksIn(author) : [];
    return { bookId: id, title, author, matched, marks };
  });
}

/**
 * The ways in which a book may match, the best first: names typed in full, titles before authors, then those that begin with what was typed,
 * then what contains it: of each more than ten may be read more. Written names come before pinyin.
 */
function kindsOf(analysed: AnalysedQuery): readonly Kind[] {
  const { key, text, hasLetters } = analysed;
  const written: readonly Kind[] = [
    { matched: "title", clause: { term: { titleKey: key } } },
    { matched: "title", clause: { term: { aliasKeys: key } } },
    { matched: "author", clause: { term: { authorKey: key } } },
    { matched: "title", clause: startsWith("titleKey", key) },
    { matched: "title", clause: startsWith("aliasKeys", key) },
    { matched: "author", clause: startsWith("authorKey", key) },
    { matched: "title", clause: { match_phrase: { title: text } } },
  ];
  // Chinese characters alone need no pinyin.
  return hasLetters ? [...written, ...spokenKindsOf(analysed)] : written;
}

function spokenKindsOf({ key, letters, joined, syllables }: AnalysedQuery): readonly Kind[] {
  const initials = letters === "" ? key : letters;
  const begins = (names: string, initialsOfNames: string) =>
    anyOf([startsWithAny(names, joined), startsWith(initialsOfNames, initials)]);
  const inside = syllables.map((units): Clause => ({ match_phrase: { "pinyin.titleSyllables": units } }));
  return [
    { matched: "pinyin", clause: { terms: { "pinyin.title": joined } } },
    { matched: "authorPinyin", clause: { terms: { "pinyin.author": joined } } },
    { matched: "pinyin", clause: begins("pinyin.title", "pinyin.titleInitials") },
    { matched: "authorPinyin", clause: begins("pinyin.author", "pinyin.authorInitials") },
    ...(key.length > 1 ? [{ matched: "pinyin", clause: anyOf(inside) } as const] : []),
  ];
}
