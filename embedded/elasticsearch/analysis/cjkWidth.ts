/** Halfwidth Katakana from U+FF65 on, as fullwidth ones. */
const katakana =
  "・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゙゚";
const voiced = "ウヴカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボヽヾ";
const semiVoiced = "ハパヒピフプヘペホポ";

/**
 * Lucene's CJKWidthFilter: fullwidth ASCII and halfwidth Katakana become the usual forms; a voiced sound mark combines with the
 * preceding character.
 */
export function cjkWidth(term: string): string {
  if (!/[\uff01-\uff9f]/.test(term)) return term;
  let folded = "";
  for (const char of term) {
    const code = char.codePointAt(0)!;
    if (code >= 0xff01 && code <= 0xff5e) folded += String.fromCharCode(code - 0xfee0);
    else if (code >= 0xff65 && code <= 0xff9f) folded = joined(folded, code);
    else folded += char;
  }
  return folded;
}

function joined(before: string, code: number): string {
  const pairs = code === 0xff9e ? voiced : code === 0xff9f ? semiVoiced : "";
  const at = before === "" ? -1 : pairs.indexOf(before.at(-1)!);
  if (at >= 0 && at % 2 === 0) return before.slice(0, -1) + pairs[at + 1];
  return before + katakana[code - 0xff65];
}
