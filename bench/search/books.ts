import { pinyin } from "pinyin-pro";
import { type Random, seededRandom } from "../../tests/chaos/random.ts";

export type MadeBook = { readonly title: string; readonly author: string; readonly intro: string };

/** Words for titles of novels: as in a real catalogue, many titles begin alike. */
const words =
  "重生 都市 修仙 剑 仙 神 魔 帝 天下 无双 最强 系统 开局 签到 诸天 万界 大道 长生 斗破 苍穹 凡人 传说 我的 师姐 师尊 女帝 王朝 江湖 夜 雨 山海 星河 学院 黎明 末日 游戏 玩家 全球 进化 御兽 武道 宗师 医圣 归来 逆袭 大明 三国 红楼 少年 歌行 月 雪 孤城 北境 南疆 之 与 从 在".split(
    " ",
  );
const surnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜".split("");

/** Creates `count` different books from a seed. */
export function makeBooks(count: number, seed: number): readonly MadeBook[] {
  const random = seededRandom(seed);
  const titles = new Set<string>();
  while (titles.size < count) titles.add(some(random, 2, 5));
  return [...titles].map((title) => ({
    title,
    author: random.pick(surnames) + some(random, 1, 2),
    intro: Array.from({ length: random.between(3, 8) }, () => some(random, 4, 10)).join("，"),
  }));
}

const some = (random: Random, least: number, most: number) =>
  Array.from({ length: random.between(least, most) }, () => random.pick(words)).join("");

/** The prefixes that readers type until their book is suggested: of titles and authors, in characters, pinyin and initials. */
export function typedBeginnings(books: readonly MadeBook[], random: Random): () => string {
  return () => {
    // Most searches are for few books: the square favours the first ones.
    const book = books[Math.floor(books.length * random.next() ** 2)] as MadeBook;
    const name = random.next() < 0.8 ? book.title : book.author;
    const kind = random.next();
    if (kind < 0.5) return [...name].slice(0, random.between(1, 4)).join("");
    const syllables = pinyin(name, { toneType: "none", type: "array" });
    if (kind < 0.8) return syllables.join("").slice(0, random.between(1, 10));
    return syllables
      .map((syllable) => syllable[0])
      .join("")
      .slice(0, random.between(1, 4));
  };
}

/** The searches of readers: titles, parts of them, authors, pinyin, words of the intro. */
export function typedSearches(books: readonly MadeBook[], random: Random): () => string {
  return () => {
    const book = books[Math.floor(books.length * random.next() ** 2)] as MadeBook;
    const kind = random.next();
    if (kind < 0.4) return book.title;
    if (kind < 0.6) return [...book.title].slice(0, random.between(2, 4)).join("");
    if (kind < 0.75) return book.author;
    if (kind < 0.9) return pinyin(book.title, { toneType: "none", type: "array" }).join("").slice(0, 40);
    return book.intro.split("，")[0] ?? book.title;
  };
}
