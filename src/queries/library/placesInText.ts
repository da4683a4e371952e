/** UTF-16 units of the text that are shown before and after a hit. */
const around = 30;

/**
 * A hit in a text: `offset` and `length` in UTF-16 units. `snippet` is what stands around it, in one line; the hit is at
 * `snippetOffset` of it, as long as in the text.
 */
export type TextPlace = {
  readonly offset: number;
  readonly length: number;
  readonly snippet: string;
  readonly snippetOffset: number;
};

/** The places of an expression (with the flags `gu`) in a text from `from` on, one after the other. */
export function* placesIn(text: string, expression: RegExp, from: number): Generator<TextPlace> {
  let at = from;
  while (at < text.length) {
    // Set anew for each: whoever takes the places may use the expression meanwhile.
    expression.lastIndex = at;
    const found = expression.exec(text);
    if (found === null) return;
    const [{ length }, offset] = [found[0], found.index];
    yield { offset, length, ...snippetOf(text, offset, offset + length) };
    at = offset + Math.max(1, length);
  }
}

/** Breaks of lines become spaces, one for one, and no character is cut in two. */
function snippetOf(text: string, start: number, end: number) {
  let first = Math.max(0, start - around);
  let last = Math.min(text.length, end + around);
  if (isTrail(text, first)) first++;
  if (isTrail(text, last)) last--;
  return { snippet: text.slice(first, last).replace(/\s/g, " "), snippetOffset: start - first };
}

function isTrail(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
