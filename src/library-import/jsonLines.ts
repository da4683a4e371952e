import { eachTrimmedLine } from "./trimmedLines.ts";

/** Two lines may be a quotation. */
const leastObjects = 3;

/** Returns whether most lines of a text that are not blank have the form of a JSON object. */
export function isJsonLines(text: string): boolean {
  let [objects, all] = [0, 0];
  eachTrimmedLine(text, isWhite, (start, end) => {
    if (start === end) return;
    all += 1;
    if (text[start] === "{" && text[end - 1] === "}" && /^\{\s*"/.test(text.slice(start, start + 20))) objects += 1;
  });
  return objects >= leastObjects && objects > all / 2;
}

const isWhite = (code: number) => code <= 0x20 || code === 0xfeff;
