import { Converter } from "opencc-js/t2cn";

const convert = Converter({ from: "t", to: "cn" });

/**
 * Variants that OpenCC does not convert on their own, because the simplified form depends on the word (著 is 着 in 看著, and 著 in
 * 著名) or because they are Japanese.
 */
export const variants: ReadonlyMap<string, string> = new Map(
  [
    "著着 妳你 牠它 瞭了 藉借 粧妆 艶艳 喒咱 衹只 祇只 彷仿 馀余 甯宁 砲炮 礮炮 廻回 甦苏 蔴麻 踫碰 隣邻 囬回 囯国",
    "図图 栄荣 剣剑 気气 竜龙 黒黑 鉄铁 戦战 転转 桜樱",
  ]
    .join(" ")
    .split(" ")
    .map((pair) => [...pair] as [string, string]),
);

const folded = new Map<string, string>();

/**
 * The character that represents `character` (one code point) and all its variants in searches: its simplified form, independent
 * of the neighbouring characters. So 乾, 幹 and 干 are equal, and a fragment of a title folds like the title itself. Not a correct
 * spelling (乾坤).
 */
export function foldCharacter(character: string): string {
  if (character < "\u2e80") return character;
  const known = folded.get(character);
  if (known !== undefined) return known;
  const simplified = convert(character);
  const fold = variants.get(simplified) ?? simplified;
  folded.set(character, fold);
  return fold;
}

/** Converts traditional to simplified characters word by word: 乾坤 stays, 乾淨 becomes 干净. */
export function simplify(text: string): string {
  return convert(text);
}
