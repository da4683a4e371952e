import { mulberry32 } from "../../support/random.ts";

/** A chapter as a test wrote it; its text is compared line by line, without white space around. */
export type Written = { readonly title: string; readonly volume?: string | null; readonly lines: readonly string[] };

const places = "渡口 城门 石桥 茶馆 巷子 院墙 祠堂 码头 集市 山路 书房 楼上".split(" ");
const things = "灯笼 船票 账本 旧信 竹篮 铜锁 雨伞 棋盘 药箱 木箱 钥匙 铃铛".split(" ");
const people = "老周 阿宁 掌柜 先生 船夫 小七 林婶 守夜人".split(" ");
const weather = "雨停了 风大起来 天还没亮 雪落了一夜 雾散了 月亮出来了".split(" ");

const sentences: readonly ((one: (words: readonly string[]) => string) => string)[] = [
  (one) => `${one(people)}站在${one(places)}前面，看着${one(things)}出神，半天没有说话。`,
  (one) => `${one(weather)}，${one(people)}把${one(things)}收进怀里，往${one(places)}那边走去。`,
  (one) => `“${one(things)}呢？”${one(people)}问。`,
  () => "“不知道。”",
  (one) => `${one(people)}点点头，又摇摇头：“那${one(things)}原是${one(people)}留下的，谁也不许动。”`,
  () => "没有人回答。",
  (one) =>
    `从${one(places)}到${one(places)}不过半里路，${one(people)}却走了很久，一路上只想着那只${one(things)}，想着${one(people)}临走时说的话，想着${one(weather)}以后的事情，直到看见灯火才停下来。`,
];

/** Paragraphs of invented prose, of at least `length` characters together. */
export function prose(seed: number, length: number): readonly string[] {
  const random = mulberry32(seed);
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const lines: string[] = [];
  for (let written = 0; written < length; written += lines.at(-1)!.length) lines.push(one(sentences)(one));
  return lines;
}

/** How a file sets its lines. */
export type Layout = {
  readonly name: string;
  readonly indent: string;
  readonly between: string;
  readonly lineEnd: string;
};

export const layouts: readonly Layout[] = [
  { name: "indented", indent: "　　", between: "\n", lineEnd: "\n" },
  { name: "indented, blank lines, CRLF", indent: "　　", between: "\n\n", lineEnd: "\r\n" },
  { name: "flush, blank lines", indent: "", between: "\n\n", lineEnd: "\n" },
  { name: "spaces, CRLF", indent: "    ", between: "\n", lineEnd: "\r\n" },
  { name: "flush", indent: "", between: "\n", lineEnd: "\n" },
];

/** Chapters as a file has them: heading, blank line, paragraphs, blank line. */
export function written(chapters: readonly Written[], { indent, between }: Layout, heading = (title: string) => title) {
  return chapters
    .map(({ title, lines }) => `${heading(title)}\n\n${lines.map((line) => indent + line).join(between)}\n`)
    .join("\n");
}

const digits = "零一二三四五六七八九";
/** A number below 1,000 in Chinese. */
export function zh(no: number): string {
  if (no < 10) return digits[no]!;
  if (no < 20) return `十${no % 10 === 0 ? "" : digits[no % 10]}`;
  if (no < 100) return `${digits[Math.floor(no / 10)]}十${no % 10 === 0 ? "" : digits[no % 10]}`;
  const rest = no % 100;
  const tail = rest === 0 ? "" : rest < 10 ? `零${digits[rest]}` : rest < 20 ? `一${zh(rest)}` : zh(rest);
  return `${digits[Math.floor(no / 100)]}百${tail}`;
}

const titleWords =
  "夜渡 旧信 守灯人 雨中来客 一把钥匙 船到桥头 谁在敲门 故人 雪落无声 归途 账本里的秘密 天亮以前 第二只箱子 他没有回头 灯灭了 山外有山".split(
    " ",
  );
/** A title, the same for the same number. */
export const titleOf = (no: number) => titleWords[(no * 7) % titleWords.length]!;

export const range = (count: number, from = 1) => Array.from({ length: count }, (_, index) => index + from);
