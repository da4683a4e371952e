import { normalise, normaliseWithPlaces } from "../../domain/search/normalise.ts";

/** A match in a text: start and end, in UTF-16 units. */
export type Mark = readonly [from: number, to: number];
export type Marked = { readonly text: string; readonly marks: readonly Mark[] };

/** The marked texts of a book; texts without a match are left out. Of the intro the part around the first match. */
export type Highlights = { readonly title?: Marked; readonly author?: Marked; readonly intro?: Marked };

/** UTF-16 units before the first match of an intro, and the length of the snippet. */
const before = 20;
const snippetLength = 100;

/**
 * Marks a query in the original texts of a book, whatever their spelling: 斗破 marks 鬥破. Marks whole words, or if there are none,
 * pairs of their characters. The index has folded text only, so its own highlights would show another spelling.
 */
export function highlightsOf(
  typed: string,
  { title, author, intro }: { readonly title: string; readonly author: string; readonly intro: string },
): Highlights {
  const words = normalise(typed)
    .split(" ")
    .filter((word) => word !== "");
  const inTitle = marksIn(title, words);
  const inAuthor = marksIn(author, words);
  const inIntro = marksIn(intro, words);
  return {
    ...(inTitle.length > 0 && { title: { text: title, marks: inTitle } }),
    ...(inAuthor.length > 0 && { author: { text: author, marks: inAuthor } }),
    ...(inIntro.length > 0 && { intro: snippetOf(intro, inIntro) }),
  };
}

function marksIn(original: string, words: readonly string[]): readonly Mark[] {
  const { text, starts, ends } = normaliseWithPlaces(original);
  const whole = words.flatMap((word) => placesOf(text, word));
  const places = whole.length > 0 ? whole : words.flatMap(pairsOf).flatMap((pair) => placesOf(text, pair));
  const marks = places.map(([from, to]): Mark => [starts[from] ?? 0, ends[to - 1] ?? 0]);
  return joined(marks.sort(([one], [other]) => one - other));
}

function placesOf(text: string, word: string): Mark[] {
  const places: Mark[] = [];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length))
    places.push([at, at + word.length]);
  return places;
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

function snippetOf(intro: string, marks: readonly Mark[]): Marked {
  const [first = 0] = marks[0] ?? [];
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
