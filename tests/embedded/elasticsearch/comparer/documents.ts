import type { Random } from "./random.ts";

/** The indices of all random requests: one like the index of books, and variants. */
export const settings = {
  number_of_replicas: 0,
  analysis: {
    analyzer: {
      zh_uni: { type: "custom", tokenizer: "standard", filter: ["cjk_width", "lowercase"] },
      zh_bi: { type: "custom", tokenizer: "standard", filter: ["cjk_width", "lowercase", "cjk_bigram"] },
      ac_index: { type: "custom", tokenizer: "keyword", filter: ["cjk_width", "lowercase", "edge"] },
      ac_search: { type: "custom", tokenizer: "keyword", filter: ["cjk_width", "lowercase"] },
      folded: { type: "custom", tokenizer: "standard", filter: ["lowercase", "asciifolding"] },
      grams: { type: "custom", tokenizer: "standard", filter: ["lowercase", "gram"] },
    },
    filter: {
      edge: { type: "edge_ngram", min_gram: 1, max_gram: 20 },
      gram: { type: "ngram", min_gram: 1, max_gram: 2 },
    },
    normalizer: { kw: { type: "custom", filter: ["cjk_width", "lowercase"] } },
  },
};

export const mappings = {
  dynamic: "strict",
  properties: {
    title: {
      type: "text",
      analyzer: "zh_uni",
      fields: {
        kw: { type: "keyword", normalizer: "kw" },
        bi: { type: "text", analyzer: "zh_bi" },
        ac: { type: "text", analyzer: "ac_index", search_analyzer: "ac_search" },
      },
    },
    intro: { type: "text", analyzer: "zh_bi" },
    plain: {
      type: "text",
      fields: { folded: { type: "text", analyzer: "folded" }, grams: { type: "text", analyzer: "grams" } },
    },
    tags: { type: "keyword" },
    code: { type: "keyword", ignore_above: 6 },
    hot: { type: "double" },
    rate: { type: "float" },
    words: { type: "long" },
    small: { type: "integer" },
    updated: { type: "date" },
    visible: { type: "boolean" },
    by: { properties: { name: { type: "keyword" }, text: { type: "text" } } },
  },
};

const han = [..."斗破苍穹剑来诡秘之主长生界重庆龙族一二三大道朝天"];
const latin =
  "hello world the book of Elves dragon café İstanbul naïve xml A1 v2.0 3.14 foo_bar can't rock'n'roll".split(" ");
const others = [
  "アイウ",
  "ｶﾞｷﾞ",
  "ひらがな",
  "한국어",
  "ＡＢＣ１２３",
  "😀",
  "👨‍👩‍👧",
  "🇨🇳",
  "々",
  "ー",
  "12",
  "1,234",
  "ไทย",
  "𠀀",
  "<b>&\"'/",
];
const marks = ["", "", "", " ", " ", "，", "。", "-", "·", "《", "》", "!", "\n"];

/** A few words of several scripts; sometimes nothing, or a long text. */
export function phrase(random: Random, longest = 8): string {
  if (random.chance(0.03)) return "";
  const words = random.some(1, random.chance(0.1) ? longest * 8 : longest, () => {
    const word = random.chance(0.6)
      ? random.some(1, 3, () => random.pick(han)).join("")
      : random.pick(random.chance(0.6) ? latin : others);
    return word + random.pick(marks);
  });
  return words.join("");
}

export const tags = ["a", "b", "c", "Big", "玄幻", "都市", ""];

function document(random: Random): Record<string, unknown> {
  const all: Record<string, () => unknown> = {
    title: () => (random.chance(0.2) ? random.some(1, 3, () => phrase(random)) : phrase(random)),
    intro: () => phrase(random, 40),
    plain: () => phrase(random, 12),
    tags: () => (random.chance(0.5) ? random.some(0, 3, () => random.pick(tags)) : random.pick(tags)),
    code: () => random.pick(["x1", "y22", "toolong1", "中文"]),
    hot: () => random.pick([0, 0.5, 1.5, 2, 10, 99.25, 1e6, 1234567.125, 0.001]),
    rate: () => random.pick([0, 0.1, 3.3, 4.75, 1e7]),
    words: () => (random.chance(0.1) ? [1, 5, 5] : random.below(40) * 100),
    small: () => random.below(7) - 3,
    updated: () =>
      random.pick(["2020-01-01", "2021-06-15T12:30:00Z", "2024-02-29T23:59:59.999+08:00", 1577836800000, "2023-05"]),
    visible: () => random.chance(0.8),
    by: () => ({ name: random.pick(["x", "y", "作者"]), text: phrase(random, 3) }),
  };
  const names = Object.keys(all).filter((name) => random.chance(name === "title" ? 0.97 : 0.8));
  return Object.fromEntries(names.map((name) => [name, all[name]!()]));
}

/** A bulk of `count` documents under the ids 1 to `highest`, so that some replace others; sometimes a delete. */
export function bulkBody(random: Random, count: number, highest: number): string {
  const lines = Array.from({ length: count }, () => {
    const _id = String(1 + random.below(highest));
    if (random.chance(0.05)) return JSON.stringify({ delete: { _id } });
    return `${JSON.stringify({ index: { _id } })}\n${JSON.stringify(document(random))}`;
  });
  return `${lines.join("\n")}\n`;
}
