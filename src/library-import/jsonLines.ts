/** Two lines may be a quotation. */
const leastObjects = 3;

/** Whether most lines of a text that are not blank have the form of a JSON object. */
export function isJsonLines(text: string): boolean {
  let [objects, all] = [0, 0];
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf("\n", from);
    const end = found < 0 ? text.length : found;
    const [first, last] = [firstVisible(text, from, end), lastVisible(text, from, end)];
    if (first <= last) {
      all += 1;
      if (text[first] === "{" && text[last] === "}" && /^\{\s*"/.test(text.slice(first, first + 20))) objects += 1;
    }
    from = end + 1;
  }
  return objects >= leastObjects && objects > all / 2;
}

const isWhite = (code: number) => code <= 0x20 || code === 0xfeff;

function firstVisible(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isWhite(text.charCodeAt(at))) at += 1;
  return at;
}

function lastVisible(text: string, from: number, end: number): number {
  let at = end - 1;
  while (at >= from && isWhite(text.charCodeAt(at))) at -= 1;
  return at;
}
