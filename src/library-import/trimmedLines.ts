/**
 * Calls `onLine` with the start and the end of each line, in UTF-16 units, without `isWhite` characters at its ends; a blank line is empty.
 * Only the ends of lines are examined and nothing is copied, so that a novel of 60 MB costs next to nothing.
 */
export function eachTrimmedLine(
  text: string,
  isWhite: (code: number) => boolean,
  onLine: (start: number, end: number) => void,
): void {
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf("\n", from);
    const behind = found < 0 ? text.length : found;
    let start = from;
    let end = behind;
    while (start < end && isWhite(text.charCodeAt(start))) start += 1;
    while (end > start && isWhite(text.charCodeAt(end - 1))) end -= 1;
    onLine(start, end);
    from = behind + 1;
  }
}
