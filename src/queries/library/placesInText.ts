/** UTF-16 units of context before and after a match. */
const around = 30;

/**
 * A match in a text: `offset` and `length` in UTF-16 units. `snippet` is its context in one line, with the match at
 * `snippetOffset`.
 */
export type TextPlace = {
  readonly offset: number;
  readonly length: number;
  readonly snippet: string;
  readonly snippetOffset: number;
};

/** The matches of an expression (flags `gu`) in a text, starting at `from`. */
export function* placesIn(text: string, expression: RegExp, from: number): Generator<TextPlace> {
  let at = from;
  while (at < text.length) {
    // Reset every time: the caller may use the expression between two matches.
    expression.lastIndex = at;
    const found = expression.exec(text);
    if (found === null) return;
    const [{ length }, offset] = [found[0], found.index];
    yield { offset, length, ...snippetOf(text, offset, offset + length) };
    at = offset + Math.max(1, length);
  }
}

/** Replaces line breaks by spaces, one for one, and does not split surrogate pairs. */
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
