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

const minScore = { title: 50, author: 40, pinyin: 20 } as const;

/**
 * Suggestions (联想): at most ten books whose title or author begins with what was typed, in characters, pinyin or initials, those that
 * are just that first; then those that contain it. Equal matches are ordered by heat. Rejects with SearchUnavailable.
 */
export async function suggestBooks(search: SearchOne, typed: string): Promise<readonly Suggestion[]> {
  const analysed = analyseQuery(typed);
  const { hits } = await search({
    query: { bool: { must: [{ dis_max: { queries: clausesOf(analysed) } }], filter: [{ term: { visible: true } }] } },
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
    const matched = matchedBy(score);
    const marks = matched === "title" ? marksIn(title) : matched === "author" ? marksIn(author) : [];
    return { bookId: id, title, author, matched, marks };
  });
}

function matchedBy(score: number): Suggestion["matched"] {
  if (score >= minScore.title) return "title";
  if (score >= minScore.author) return "author";
  return score >= minScore.pinyin ? "pinyin" : "authorPinyin";
}

function clausesOf(analysed: AnalysedQuery): readonly Clause[] {
  const { key, text, letters, hasLetters } = analysed;
  const written = [
    // A name typed in full comes before longer ones, of which more than ten may be read more.
    scored(65, { term: { titleKey: key } }),
    scored(63, { term: { aliasKeys: key } }),
    scored(60, startsWith("titleKey", key)),
    scored(58, startsWith("aliasKeys", key)),
    scored(50, { match_phrase: { title: text } }),
    scored(47, { term: { authorKey: key } }),
    scored(45, startsWith("authorKey", key)),
  ];
  if (!hasLetters) return written;
  // Asked for here only: Chinese characters alone need no pinyin.
  const { joined, syllables } = analysed;
  const initials = letters === "" ? key : letters;
  return [
    ...written,
    scored(35, { terms: { "pinyin.title": joined } }),
    scored(30, anyOf([startsWithAny("pinyin.title", joined), startsWith("pinyin.titleInitials", initials)])),
    ...(key.length > 1
      ? [scored(25, anyOf(syllables.map((units): Clause => ({ match_phrase: { "pinyin.titleSyllables": units } }))))]
      : []),
    scored(10, anyOf([startsWithAny("pinyin.author", joined), startsWith("pinyin.authorInitials", initials)])),
  ];
}
