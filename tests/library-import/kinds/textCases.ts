import type { Case } from "./cases.ts";
import { layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

const book = { title: "雪夜书", author: "林深" };
const front = "《雪夜书》\n作者：林深\n\n";
const layout = layouts[0]!;
const chapters = (
  count: number,
  lines: (no: number, own: readonly string[]) => readonly string[],
): readonly Written[] =>
  range(count).map((no) => ({ title: `第${zh(no)}章 ${titleOf(no)}`, lines: lines(no, prose(no * 41 + count, 500)) }));
const withLines = (name: string, put: readonly string[], encoding?: string): Case => {
  const all = chapters(6, (no, own) => (no % 2 === 0 ? own : [own[0]!, ...put, ...own.slice(1)]));
  return {
    name: `text stays: ${name}`,
    layout,
    ...book,
    chapters: all,
    text: front + written(all, layout),
    ...(encoding && { encoding }),
  };
};

/** T01 to T04, and sentences that look like headings, fields or banners. */
const stays: readonly Case[] = [
  withLines("an unclosed comment", ["他敲下 <!-- 三个符号，没有再写下去。", "屏幕上只剩这一行。"]),
  withLines("an unclosed CDATA", ["<![CDATA[ 是什么？他问。", "没人知道。"]),
  withLines("tags that nobody closes", [
    "<script>",
    "他念了一遍，笑了。",
    "<style> 里面什么也没有。",
    "<textarea>、<title>、<iframe src=x> 他一个个念下去。",
  ]),
  withLines("things of games", [
    "<HP 100/100>",
    "<技能：火球术 Lv.3>",
    "《系统》<叮！任务完成>",
    "【姓名】<未知>",
    "攻击<防御>速度",
  ]),
  withLines("less and greater", ["若 a<b 且 c>d，则 a+c<b+d。", "他写道：x << y >> z。", "1<2，3>2。"]),
  withLines("a tag that is mentioned", ["她说 <b> 是粗体，</b> 是结束，<br> 是换行。"]),
  withLines("entities that are mentioned", ["“&” 读作和。AT&T 的电话。&#x; 不是字。"]),
  withLines("addresses", [
    "她记下 www.example.com 这个地址，把纸折好收进口袋。",
    "“http://example.org/a?b=c 打不开。”他说。",
    "邮件是从 zhou@example.com 寄来的，只有一个字：走。",
    "那个叫example.net的网站，他再也没有登录过。",
  ]),
  withLines("downloads and novels", [
    "他下载了一本小说，看到天亮。",
    "“这论坛上的更新你看了吗？”她问。",
    "本书由他外祖父整理，他一直没有读完。",
    "请记住我的名字，他说。",
    "他收藏的书都在书房里，仅供自己阅读。",
    "手机响了，是书城打来的。",
    "编辑求他投推荐票，他不肯。",
  ]),
  withLines("sentences that begin like headings", [
    "第一章里说过的事，他都记得。",
    "第二天，雨还没有停。",
    "第三回他终于赢了。",
    "第一节课是算术。",
    "第二卷第三章的那句话，他背得出来。",
    "一、先把灯点上。",
    "二、再把门关好。",
    "三、不要说话。",
  ]),
  withLines("lines that look like fields", ["作者：他在纸上写下这两个字。", "简介：没有。", "书名：《无名》"]),
  withLines("numbers by themselves", ["3", "2", "1", "他数到头了。"]),
  withLines("rows of signs", ["他抬起头。", "※※※", "过了很久。"]),
  withLines("poems", ["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"]),
  withLines("letters", ["亲爱的阿宁：", "见字如面。", "此致", "敬礼", "老周", "三月七日"]),
  withLines("in GB18030, rare characters", ["㐀㐁㐂𠀀𠀁𠮷，他一个也不认识。", "〇和ㄅㄆㄇ。"], "gb18030"),
];

const sites = [
  "☆☆☆更多好书请访问 www.example.com ☆☆☆",
  "本书由某某论坛整理，仅供试阅，请在下载后24小时内删除",
  "您下载的文件来自某某电子书下载网 http://www.example.net",
  "【一秒记住，精彩小说无弹窗免费阅读！】",
  "手机用户请浏览m.example.com阅读，更优质的阅读体验。",
  "最新最快章节，请登录 www.example.org",
  "声明：本书为某某网（www.example.com）的用户上传至本站的存储空间，本站只提供TXT全集电子书存储服务以及免费下载服务",
  "---------------------------用户上传之内容开始--------------------------------",
];
const traditionalSites = [
  "本書由某某論壇整理，僅供試閱，請在下載後24小時內刪除",
  "更多精彩小說請訪問 www.example.com",
  "請記住本站網址：www.example.net",
];
const withBanners = (name: string, banners: readonly string[]): Case => {
  const all = chapters(8, (_no, own) => own);
  const text = all
    .map(
      (chapter, index) =>
        `${written([chapter], layout)}\n${index % 2 === 0 ? `${banners[(index / 2) % banners.length]}\n\n` : ""}`,
    )
    .join("");
  return {
    name: `banners go: ${name}`,
    layout,
    ...book,
    chapters: all,
    text: `${banners[0]}\n${front}${text}${banners.at(-1)}\n`,
  };
};
const banners: readonly Case[] = [
  withBanners("of many kinds", sites.slice(0, 4)),
  withBanners("of more kinds", sites.slice(4)),
  withBanners("traditional", traditionalSites),
];

/** T05, T06: bytes. */
const plain = chapters(6, (_no, own) => own);
const plainText = front + written(plain, layout);
const encoded = (name: string, encoding: string, tail = ""): Case => ({
  name: `bytes: ${name}`,
  layout,
  ...book,
  chapters: plain,
  text: plainText + tail,
  encoding,
});
const bytes: readonly Case[] = [
  encoded("one NUL behind", "utf8", "\0"),
  encoded("a block of NULs behind", "gb18030", "\0".repeat(4096)),
  encoded("NULs behind UTF-16", "utf16-le", "\0\0\0"),
  encoded("a Ctrl-Z of DOS behind", "gb18030", "\x1a"),
  encoded("UTF-16 big-endian", "utf16-be"),
  encoded("GBK", "gbk"),
];

/** T06: traditional, Big5 of ETEN. */
const big5Lines =
  "燈滅了，他什麼也看不見。|「誰？」老周問。|第一○二號的鑰匙在桌上，旁邊是一盞燈。|他沿著河邊走了很久，看見有人守著船，便停下來問路，那人只是搖頭，怎麼也不肯說。|么二三，他數着。".split(
    "|",
  );
const big5 = (name: string, heading: (no: number) => string, from: number): Case => {
  const all = range(8, from).map((no): Written => ({ title: heading(no), lines: [...big5Lines, ...big5Lines] }));
  return {
    name: `Big5: ${name}`,
    layout,
    title: "雪夜書",
    author: "林深",
    encoding: "big5",
    chapters: all,
    text: `《雪夜書》\n作者：林深\n\n${written(all, layout)}`,
  };
};
const digitwise = (no: number) => [...String(no)].map((digit) => "〇一二三四五六七八九"[Number(digit)]).join("");
const inBig5: readonly Case[] = [
  big5("〇 in headings", (no) => `第${digitwise(no)}回　雪落無聲`, 97),
  big5("章", (no) => `第${zh(no)}章 歸途`, 1),
  big5("chapter", (no) => `第${no}話 燈`, 1),
];

/** T25, T32: first lines that are not titles. */
const first = (
  name: string,
  fileName: string,
  head: string,
  chapters: readonly Written[],
  title = fileName,
  author?: string,
): Case => ({
  name: `first line: ${name}`,
  fileName,
  layout,
  title,
  author,
  chapters,
  text: `${head}${written(chapters, layout)}`,
});
const preface: Written = { title: "“林深作品集”新序", lines: prose(5, 700) };
const firstLines: readonly Case[] = [
  first("a heading", "长河入梦", "", plain),
  first("a preface of a series", "长河入梦", "", [preface, ...plain]),
  first("总序", "长河入梦", "", [{ ...preface, title: "总序" }, ...plain]),
  first("出版说明", "长河入梦", "", [{ ...preface, title: "出版说明" }, ...plain]),
  first("a banner", "长河入梦", `${sites[1]}\n\n`, plain),
  first("box art", "长河入梦", "┏━━━━┓\n┃长河入梦┃\n┗━━━━┛\n\n", plain),
  first("stars", "长河入梦", "☆★☆★☆★\n\n", plain),
  first("title and author with a slash", "download", "[雪夜书 / 林深 著]\n\n", plain, "雪夜书", "林深"),
  first("《书》作者：某", "download", "《雪夜书》作者：林深\n\n", plain, "雪夜书", "林深"),
  first("书名：, 作者：", "download", "书名：雪夜书\n作者：林深\n\n", plain, "雪夜书", "林深"),
  first("title, then by", "download", "雪夜书\nby 林深\n\n", plain, "雪夜书", "林深"),
  first("title, then 文/", "download", "雪夜书\n文/林深\n\n", plain, "雪夜书", "林深"),
  first("title, then 林深 著", "download", "雪夜书\n林深 著\n\n", plain, "雪夜书", "林深"),
  first("title with edition", "download", "《雪夜书》（校对版全本）\n作者：林深\n\n", plain, "雪夜书", "林深"),
  first(
    "卷一 only",
    "长河入梦",
    "第一卷\n\n",
    plain.map((chapter) => ({ ...chapter, volume: "第一卷" })),
  ),
];

export const textCases: readonly Case[] = [...stays, ...banners, ...bytes, ...inBig5, ...firstLines];

/** Names of files, and the metadata in them. */
export const fileNames: readonly (readonly [string, string, string | undefined])[] = [
  ["《雪夜书》作者：林深", "雪夜书", "林深"],
  ["《雪夜书》（校对版全本）作者：林深", "雪夜书", "林深"],
  ["《雪夜书》全集", "雪夜书", undefined],
  ["《雪夜书》(林深)", "雪夜书", "林深"],
  ["《雪夜书》林深", "雪夜书", "林深"],
  ["《雪夜书》.林深", "雪夜书", "林深"],
  ["【雪夜书】1-129 作者：林深", "雪夜书", "林深"],
  ["【林深】雪夜书", "雪夜书", "林深"],
  ["雪夜书_林深_某某小说网", "雪夜书", "林深"],
  ["雪夜书_林深", "雪夜书", "林深"],
  ["雪夜书 - 林深", "雪夜书", "林深"],
  ["雪夜书-林深", "雪夜书", "林深"],
  ["[林深]雪夜书", "雪夜书", "林深"],
  ["[林深] 雪夜书 [完结]", "雪夜书", "林深"],
  ["[雪夜书 / 林深 著]", "雪夜书", "林深"],
  ["雪夜书 by 林深", "雪夜书", "林深"],
  ["雪夜书by林深", "雪夜书", "林深"],
  ["雪夜书 作者：林深", "雪夜书", "林深"],
  ["雪夜书（林深）", "雪夜书", "林深"],
  ["雪夜书(1-129完)", "雪夜书", undefined],
  ["雪夜书 1-129", "雪夜书", undefined],
  ["雪夜书（校对版）", "雪夜书", undefined],
  ["雪夜书【完结】", "雪夜书", undefined],
  ["雪夜书全集", "雪夜书", undefined],
  ["雪夜书txt全集下载", "雪夜书", undefined],
  ["雪夜书(精校版)", "雪夜书", undefined],
  ["雪夜书[www.example.com]", "雪夜书", undefined],
  ["雪夜书@某某论坛", "雪夜书", undefined],
  ["雪夜书 (1)", "雪夜书", undefined],
  ["雪夜书 - 副本", "雪夜书", undefined],
  ["0123_雪夜书", "雪夜书", undefined],
  ["三体：地球往事", "三体：地球往事", undefined],
  ["林深《雪夜书》", "雪夜书", "林深"],
  ["林深-雪夜书", "雪夜书", "林深"],
  ["雪夜书 林深 著", "雪夜书", "林深"],
  ["《雪夜书》第二部 作者：林深", "雪夜书第二部", "林深"],
  ["雪夜书（出版书）", "雪夜书", undefined],
  ["雪夜书+番外", "雪夜书", undefined],
  ["雪夜书(完结+番外)", "雪夜书", undefined],
  ["雪夜书完本", "雪夜书", undefined],
  ["[奇幻]雪夜书", "雪夜书", undefined],
  ["《雪夜书》作者：林深【完结】", "雪夜书", "林深"],
  ["《雪夜书》作者：林深 txt", "雪夜书", "林深"],
  ["书名：《雪夜书》 作者：林深", "雪夜书", "林深"],
  ["1984", "1984", undefined],
  ["鲁迅全集", "鲁迅全集", undefined],
  ["第七天", "第七天", undefined],
  ["The Lamp by Wei", "The Lamp", "Wei"],
  ["三体（全三册）", "三体", undefined],
  ["三体I：地球往事", "三体I：地球往事", undefined],
  ["天龙八部(金庸)", "天龙八部", "金庸"],
  ["平凡的世界(全三部)_路遥", "平凡的世界", "路遥"],
];
