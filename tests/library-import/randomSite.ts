import { mulberry32 } from "../support/random.ts";
import { prose, titleOf, zh } from "./kinds/prose.ts";

/** A generated novel of a download site, and what an import must find. */
export type SiteBook = {
  readonly text: string;
  readonly title: string;
  readonly author: string;
  /** Titles of its entries in order, without white space. */
  readonly titles: readonly string[];
  /** The characters of all text lines, without white space. */
  readonly length: number;
  /** How it was generated, for the message of a failure. */
  readonly how: string;
};

type Form = readonly [
  name: string,
  line: (no: number, title: string) => string,
  right?: (no: number, title: string) => string,
];
const pad = (no: number, length = 3) => String(no).padStart(length, "0");
const clear = (no: number, title: string) => `第${zh(no)}章 ${title}`;
const forms: readonly Form[] = [
  ["第N章 T", clear],
  ["第n章 T", (no, title) => `第${no}章 ${title}`],
  ["第N章T", (no, title) => `第${zh(no)}章${title}`],
  ["第n章T", (no, title) => `第${no}章${title}`],
  ["第00n章 T", (no, title) => `第${pad(no)}章 ${title}`],
  ["第N回　T", (no, title) => `第${zh(no)}回　${title}`],
  ["第N节 T", (no, title) => `第${zh(no)}节 ${title}`],
  ["00n T", (no, title) => `${pad(no)} ${title}`],
  ["00n、T", (no, title) => `${pad(no)}、${title}`],
  ["n. T", (no, title) => `${no}. ${title}`],
  ["Chapter n T", (no, title) => `Chapter ${no} ${title}`],
  ["☆、第N章 T", (no, title) => `☆、第${zh(no)}章 ${title}`, clear],
  ["【第N章 T】", (no, title) => `【第${zh(no)}章 ${title}】`, clear],
  ["正文 第N章 T", (no, title) => `正文 第${zh(no)}章 ${title}`, clear],
  ["第N章：T", (no, title) => `第${zh(no)}章：${title}`],
  ["第N章", (no) => `第${zh(no)}章`],
  ["第n章", (no) => `第${no}章`],
  ["书 第N章 T", (no, title) => `雪夜书 第${zh(no)}章 ${title}`, clear],
  ["第N话 T", (no, title) => `第${zh(no)}话 ${title}`],
  ["N、T", (no, title) => `${zh(no)}、${title}`],
];
const heads: readonly (readonly [name: string, text: string])[] = [
  ["《》 作者", "《雪夜书》\n作者：林深"],
  ["书名 作者 简介", "书名：雪夜书\n作者：林深\n简介：一个雪夜，一本没有写完的书。"],
  [
    "site block",
    "=====================\n本书由某某书库(www.example.com)整理，仅供试读，请于下载后24小时内删除\n=====================\n\n《雪夜书》\n作者：林深\n\n内容简介：\n　　一个雪夜，一本没有写完的书。\n\n=====================\n",
  ],
  ["box", "┏━━━━━━┓\n┃　雪夜书　┃\n┃作者：林深┃\n┗━━━━━━┛"],
  [
    "『』",
    "更多精彩好书，请登陆某某书库--www.example.com\n『雪夜书/作者:林深』\n『状态:已完结』\n『内容简介:\n　　一个雪夜，一本没有写完的书。\n』\n------章节内容开始-------",
  ],
  ["title, author", "雪夜书\n作者：林深"],
  ["title by", "雪夜书\nby 林深\n\n文案：\n一个雪夜，一本没有写完的书。\n\n内容标签：都市 情缘"],
  ["《》作者 on one line", "《雪夜书》作者：林深"],
];
const traps: readonly (readonly string[])[] = [
  ["第三章里那个人，后来怎么样了？"],
  ["第二天，雨停了。", "第三天，雪来了。"],
  ["“规矩有三条。”", "一、不许说话。", "二、不许回头。", "三、不许点灯。"],
  ["1、米二十斤", "2、油两壶", "3、盐一包"],
  ["第一条 不得夜出。", "第二条 不得饮酒。"],
  ["三", "二", "一", "他闭上了眼睛。"],
  ["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"],
  ["【系统】获得经验 300", "等级：3"],
  ["22:15", "门响了一下。"],
  ["他记下 www.example.com 这个地址，收进怀里。"],
  ["PS：今天更新晚了，抱歉，求推荐票！"],
  ["感谢“雪落无声”的打赏，感谢各位的月票。"],
  ["第一局 21:19", "第二局 18:21"],
  ["“第一卷第三章那句话，我背得出来。”"],
  ["阿宁：", "见字如面。", "老周", "三月七日"],
];
const banners = [
  "（www.example.com）",
  "最快更新雪夜书最新章节，请收藏本站www.example.com",
  "手机用户请访问m.example.com",
  "（本章未完，请翻页）",
  "一秒记住【某某小说网 www.example.com】，精彩小说无弹窗免费阅读！",
  "----------------------------------------",
];
const notices = ["番外 雪落", "请假条", "上架感言", "番外一 阿宁", "间章 渡口"];

/** Generates the novel of a seed: 20 to 300 chapters with the irregularities of real novels. */
export function randomSite(seed: number): SiteBook {
  const random = mulberry32(seed);
  const below = (end: number) => Math.floor(random() * end);
  const one = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;
  const chance = (share: number) => random() < share;
  const count = one([20, 40, 80, 150, 300]);
  const [formName, line, right = line] = one(forms);
  const isBare = /^(?:00n|n\.|N、)/u.test(formName);
  const [headName, head] = one(heads);
  const indent = one(["　　", "　　", "    ", "", "\u3000"]);
  const gap = indent === "" || chance(0.3) ? "\n\n" : "\n";
  const above = one(["\n\n", "\n\n\n", "\n"]);
  const beneath = gap === "\n\n" ? "\n\n" : one(["\n\n", "\n"]);
  const width = chance(0.15) && gap === "\n" && indent !== "" ? 34 : 0;
  const faults = chance(0.5) && !isBare ? 0.03 : 0;
  const suffixes = chance(0.3);
  const repeats = chance(0.2) && formName.includes("T") ? one(["all", "title"] as const) : "none";
  const perVolume = !isBare && chance(0.35) ? 15 + below(20) : 0;
  const restarts = perVolume > 0 && formName.includes("T") && chance(0.4);
  const trapShare = one([0, 0.1, 0.3]);
  const bannerShare = one([0, 0.1]);
  const length = one([300, 800, 2000]);
  const from = perVolume === 0 && chance(0.1) ? 101 : 1;
  const inHeading = chance(0.1) ? indent : "";

  const titles: string[] = [];
  const out: string[] = [head, ""];
  let kept = 0;
  const put = (lines: readonly string[]) => {
    for (const text of lines) kept += text.replace(/\s/gu, "").length;
    const set = lines.map((text) => indent + text).flatMap((text) => (width > 0 ? wrapped(text, width) : [text]));
    return set.join(gap);
  };
  const bodyOf = (no: number) => {
    const lines = [...prose(seed + no * 31, length)];
    if (chance(trapShare)) lines.splice(2 + below(3), 0, ...one(traps));
    if (chance(bannerShare)) return `${put(lines)}${gap}${one(banners)}`;
    return put(lines);
  };
  if (chance(0.3)) {
    titles.push("楔子");
    out.push(`${inHeading}楔子${beneath}${bodyOf(0)}${above}`);
  }
  let number = from;
  for (let index = 0; index < count; index += 1) {
    if (perVolume > 0 && index % perVolume === 0) {
      out.push(`${inHeading}第${zh(index / perVolume + 1)}卷 ${titleOf(index + 3)}${beneath}`);
      if (restarts) number = 1;
    }
    const fault =
      index > 2 && index < count - 2 && chance(faults) ? one(["missing", "twice", "wrong"] as const) : "none";
    if (fault === "missing") number += 1;
    if (fault === "twice") number -= 1;
    const shown = fault === "wrong" ? number + one([-1, 1, 10]) : number;
    const name = titleOf(index + 1);
    const suffix =
      suffixes && chance(0.2) && formName.includes("T")
        ? one(["（上）", "【求收藏】", "（第二更，求推荐票！）", "！"])
        : "";
    const heading = line(shown, name + suffix);
    titles.push(right(shown, name + suffix).trim());
    const again = repeats === "all" ? `${indent}${heading}${gap}` : "";
    if (repeats === "title") kept += name.length;
    out.push(
      `${inHeading}${heading}${beneath}${again}${repeats === "title" ? `${indent}${name}${gap}` : ""}${bodyOf(index + 1)}${above}`,
    );
    number += 1;
    if (!isBare && index > 2 && index < count - 2 && chance(0.01)) {
      const notice = one(notices);
      titles.push(notice);
      out.push(`${inHeading}${notice}${beneath}${bodyOf(index + 5_000)}${above}`);
    }
  }
  if (chance(0.3)) {
    titles.push("后记");
    out.push(`${inHeading}后记${beneath}${bodyOf(9_999)}${above}`);
  }
  return {
    text: out.join("\n"),
    title: "雪夜书",
    author: "林深",
    length: kept,
    titles: titles.map((title) => title.replace(/\s/gu, "")),
    how: `${formName} ×${count} from ${from}, head ${headName}, indent ${indent.length}, gap ${gap.length}, above ${above.length}, beneath ${beneath.length}, width ${width}, faults ${faults}, suffixes ${suffixes}, repeats ${repeats}, volumes ${perVolume}${restarts ? " restarting" : ""}, traps ${trapShare}, banners ${bannerShare}, length ${length}, heading indent ${inHeading.length}`,
  };
}

function wrapped(text: string, width: number): readonly string[] {
  return text.match(new RegExp(`.{1,${width}}`, "gu")) ?? [];
}
