import { queryWords } from "../../domain/searchText/analyseQuery.ts";
import { type Normalised, normalise, normaliseWithPlaces, placesFrom } from "../../domain/searchText/normalise.ts";

/** A match in a text: start and end, in UTF-16 units. */
export type Mark = readonly [from: number, to: number];
export type Marked = { readonly text: string; readonly marks: readonly Mark[] };

/** The marked texts of a book; texts without a match are left out. Of the intro the part around the first match. */
export type Highlights = { readonly title?: Marked; readonly author?: Marked; readonly intro?: Marked };

/** UTF-16 units before the first match of an intro, and the length of the snippet. */
const before = 20;
const snippetLength = 100;

/** The texts of a book in which matches are marked. */
export type Texts = { readonly title: string; readonly author: string; readonly intro: string };

/** Marks the places of a query in an original text. */
export type Marker = (original: string) => readonly Mark[];

/**
 * Marks a query in the original texts of books, whatever their spelling: 斗破 marks 鬥破. Marks whole words, or if there are none,
 * pairs of their characters. The index has folded text only, so its own highlights would show another spelling.
 */
export function highlighterOf(typed: string): (texts: Texts) => Highlights {
  const soughtIn = soughtOf(typed);
  const marksIn = markerOf(typed);
  return ({ title, author, intro }) => {
    const inTitle = marksIn(title);
    const inAuthor = marksIn(author);
    const inIntro = snippetOf(intro, soughtIn);
    return {
      ...(inTitle.length > 0 && { title: { text: title, marks: inTitle } }),
      ...(inAuthor.length > 0 && { author: { text: author, marks: inAuthor } }),
      ...(inIntro !== undefined && { intro: inIntro }),
    };
  };
}

/** The marker of a query, which analyses it once for many texts. */
export function markerOf(typed: string): Marker {
  const soughtIn = soughtOf(typed);
  return (original) => {
    const text = normalise(original);
    const sought = soughtIn(text);
    // Most texts have no match: only those that do are asked for the places of their characters.
    if (sought.length === 0) return [];
    return marksOf(normaliseWithPlaces(original), placesOf(text, sought));
  };
}

/** The parts of a query that a normalised text has: its words, or if it has none of these, pairs of their characters. */
type SoughtIn = (text: string) => readonly string[];

function soughtOf(typed: string): SoughtIn {
  const words = queryWords(typed);
  const pairs = [...new Set(words.flatMap(pairsOf))];
  return (text) => {
    const whole = words.filter((word) => text.indexOf(word) >= 0);
    return whole.length > 0 ? whole : pairs.filter((pair) => text.indexOf(pair) >= 0);
  };
}

/** The places, by units of the normalised text, of what starts from `from` up to `until`. */
function placesOf(text: string, sought: readonly string[], from = 0, until = text.length): readonly Mark[] {
  return sought.flatMap((word) => {
    const places: Mark[] = [];
    for (let at = text.indexOf(word, from); at >= 0 && at < until; at = text.indexOf(word, at + word.length))
      places.push([at, at + word.length]);
    return places;
  });
}

/** The marks of places in the original; its places are known from the unit `from` on. */
function marksOf({ starts, ends }: Omit<Normalised, "text">, places: readonly Mark[], from = 0): readonly Mark[] {
  const marks = places.map(([start, end]): Mark => [starts[start - from] ?? 0, ends[end - 1 - from] ?? Infinity]);
  return joined(marks.sort(([one], [other]) => one - other));
}

function pairsOf(word: string): string[] {
  const characters = [...word].filter((character) => /\p{Script=Han}/u.test(character));
  return characters.slice(1).map((character, index) => (characters[index] ?? "") + character);
}

function joined(marks: readonly Mark[]): readonly Mark[] {
  const whole: [number, number][] = [];
  for (const [from, to] of marks) {
    const last = whole.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else whole.push([from, to]);
  }
  return whole;
}

/** The part around the first match; what starts behind it is not looked for. Undefined without a match. */
function snippetOf(intro: string, soughtIn: SoughtIn): Marked | undefined {
  const text = normalise(intro);
  const sought = soughtIn(text);
  if (sought.length === 0) return undefined;
  const from = sought.reduce((least, word) => Math.min(least, text.indexOf(word)), text.length);
  const known = placesFrom(intro, from, snippetLength);
  const marks = marksOf(known, placesOf(text, sought, from, from + known.starts.length), from);
  const [first = 0] = known.starts;
  const start = wholeCharacter(intro, Math.max(0, first - before));
  const end = wholeCharacter(intro, Math.min(intro.length, start + snippetLength));
  const inside = marks
    .filter(([from]) => from < end)
    .map(([from, to]): Mark => [from - start, Math.min(to, end) - start]);
  return { text: intro.slice(start, end), marks: inside };
}

/** Moves a place that would split a surrogate pair. */
function wholeCharacter(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return at > 0 && code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
