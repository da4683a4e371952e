import type { Token, TokenFilter } from "./token.ts";

const scripts: Readonly<Record<string, string>> = {
  han: "<IDEOGRAPHIC>",
  hiragana: "<HIRAGANA>",
  katakana: "<KATAKANA>",
  hangul: "<HANGUL>",
};

type Char = { readonly char: string; readonly start: number; readonly end: number };

/**
 * Lucene's CJKBigramFilter: neighbouring characters of the scripts become pairs, a lone one stays. `outputUnigrams` emits each
 * character too, with the pair at the same position. A position gap before them is dropped, as in Lucene.
 */
export function cjkBigram(ignoredScripts: readonly string[], outputUnigrams: boolean): TokenFilter {
  const wanted = new Set(
    Object.keys(scripts)
      .filter((name) => !ignoredScripts.includes(name))
      .map((name) => scripts[name]),
  );
  return ({ tokens, endIncrement }) => {
    const out: Token[] = [];
    let run: Char[] = [];
    const flush = () => {
      out.push(...(outputUnigrams ? unigramsAndPairs(run) : pairs(run)));
      run = [];
    };
    for (const token of tokens) {
      if (!wanted.has(token.type)) {
        flush();
        out.push(token);
        continue;
      }
      if (run.length > 0 && run.at(-1)!.end !== token.start) flush();
      run.push(...characters(token));
    }
    flush();
    return { tokens: out, endIncrement };
  };
}

/** The characters of a token with their offsets; in a token that was folded to another length all have the token's own. */
function characters({ term, start, end }: Token): Char[] {
  const chars = [...term];
  if (term.length !== end - start) return chars.map((char) => ({ char, start, end }));
  let at = start;
  return chars.map((char) => {
    const from = at;
    at += char.length;
    return { char, start: from, end: at };
  });
}

function pairs(run: readonly Char[]): Token[] {
  if (run.length === 1) return [lone(run[0]!)];
  return run.slice(1).map((second, index) => pair(run[index]!, second, 1));
}

function unigramsAndPairs(run: readonly Char[]): Token[] {
  return run.flatMap((char, index) => {
    const one = lone(char);
    const next = run[index + 1];
    return next === undefined ? [one] : [one, { ...pair(char, next, 0), span: 2 }];
  });
}

const lone = ({ char, start, end }: Char): Token => ({ term: char, start, end, type: "<SINGLE>", increment: 1 });

const pair = (a: Char, b: Char, increment: number): Token => ({
  term: a.char + b.char,
  start: a.start,
  end: b.end,
  type: "<DOUBLE>",
  increment,
});
