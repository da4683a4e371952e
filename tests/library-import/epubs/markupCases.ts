import iconv from "iconv-lite";
import { body, chapter, chapters, doc, docs, type EpubCase, epub, links, paragraphs, type Right } from "./build.ts";

const three = chapters(3);
/** Three chapters, the first of which contains some mark-up, and the expected lines. */
const holding = (name: string, markup: string, lines: readonly string[]): EpubCase => ({
  name,
  file: epub({
    docs: docs(three).map((one, no) => (no === 0 ? { ...one, body: `${one.body}${markup}` } : one)),
    ncx: links(three),
  }),
  chapters: three.map((one, no) => (no === 0 ? { ...one, lines: [...one.lines, ...lines] } : one)),
});
/** Documents with invalid bytes. */
const bytes = (
  name: string,
  make: (html: string) => Uint8Array | string,
  some: readonly Right[] = three,
): EpubCase => ({
  name,
  file: epub({
    docs: some.map((one, no) =>
      doc(`c${no + 1}.xhtml`, "", { raw: make(`<html><head><title>x</title></head><body>${body(one)}</body></html>`) }),
    ),
    ncx: links(some),
  }),
  chapters: some,
});
const rare = three.map((one) => ({ ...one, lines: [...one.lines, "他叫镕，住在圳边，名字里有个囍字。"] }));

/** Contents and encodings of documents. */
export const markupCases: readonly EpubCase[] = [
  holding("ruby", "<p><ruby>漢<rp>（</rp><rt>かん</rt><rp>）</rp>字<rt>じ</rt></ruby>。</p>", ["漢字。"]),
  holding(
    "ruby with bases and a container",
    "<p><ruby><rb>漢</rb><rb>字</rb><rtc><rt>かん</rt><rt>じ</rt></rtc></ruby>。</p>",
    ["漢字。"],
  ),
  holding("vertical text with upright numbers", '<p>昭和<span class="tcy">12</span>年。</p>', ["昭和12年。"]),
  holding(
    "entities of HTML",
    "<p>甲&nbsp;乙&mdash;&mdash;丙&hellip;&ldquo;丁&rdquo;&middot;&#x4e00;&#19968;&emsp;戊</p>",
    ["甲 乙——丙…“丁”·一一\u2003戊".replace("\u2003", " ")],
  ),
  holding("lines of a poem", "<p>床前明月光，<br/>疑是地上霜。<br />举头望明月，<br>低头思故乡。</p>", [
    "床前明月光，",
    "疑是地上霜。",
    "举头望明月，",
    "低头思故乡。",
  ]),
  holding("paragraphs of line breaks", "<div>　　他走了。<br/><br/>　　她留下了。<br/><br/></div>", [
    "他走了。",
    "她留下了。",
  ]),
  holding("text without an element", "他走了。\n<br/>她留下了。", ["他走了。", "她留下了。"]),
  holding("preformatted lines", "<pre>他走了。\n她留下了。\n\n灯还亮着。</pre>", [
    "他走了。",
    "她留下了。",
    "灯还亮着。",
  ]),
  holding("a table", "<table><tr><td>甲</td><td>乙</td></tr><tr><th>丙</th></tr></table>", ["甲", "乙", "丙"]),
  holding("lists", "<ul><li>甲</li><li>乙<ol><li>丙</li></ol></li></ul><dl><dt>丁</dt><dd>戊</dd></dl>", [
    "甲",
    "乙",
    "丙",
    "丁",
    "戊",
  ]),
  holding("a quotation within a quotation", "<blockquote><p>甲。</p><blockquote>乙。</blockquote></blockquote>", [
    "甲。",
    "乙。",
  ]),
  holding(
    "comments, scripts, styles, processing instructions",
    "<!-- 甲 --><script>var a = '乙';</script><style>p { color: red }</style><?丙?><p>丁。</p>",
    ["丁。"],
  ),
  holding("CDATA", "<p><![CDATA[甲 <乙> & 丙]]></p>", ["甲 <乙> & 丙"]),
  holding("less than, and tags that are none", "<p>若 a &lt; b，则 b > a。</p><p>1 &lt; 2</p>", [
    "若 a < b，则 b > a。",
    "1 < 2",
  ]),
  holding("soft hyphens and invisible characters", "<p>甲\u200b乙\ufeff丙。</p>", ["甲乙丙。"]),
  holding("paragraphs that do not end", "<p>甲。<p>乙。<div>丙。", ["甲。", "乙。", "丙。"]),
  holding("a picture with words beside text stays a picture", '<p><img src="a.png" alt="插图"/>甲。</p>', ["甲。"]),
  holding("line breaks of the source between characters", "<p>他沿着河边\n走了很久，\r\n看见一盏灯。</p>", [
    "他沿着河边走了很久，看见一盏灯。",
  ]),
  holding("line breaks of the source between words", "<p>He walked\nalong the river.</p>", [
    "He walked along the river.",
  ]),
  holding(
    "MathML and SVG",
    '<p>甲<svg xmlns="http://www.w3.org/2000/svg"><title>乙</title></svg>丙。</p><math><mi>x</mi><mo>=</mo><mn>1</mn></math>',
    ["甲丙。", "x=1"],
  ),
  holding("a video, an audio and an object with words for old readers", "<audio src='a.mp3'>甲</audio><p>乙。</p>", [
    "甲",
    "乙。",
  ]),
  bytes("GBK, as it says", (html) => iconv.encode(`<?xml version="1.0" encoding="gb2312"?>${html}`, "gbk"), rare),
  bytes(
    "GBK, as its meta says",
    (html) =>
      iconv.encode(
        html.replace("<head>", '<head><meta http-equiv="Content-Type" content="text/html; charset=gbk"/>'),
        "gbk",
      ),
    rare,
  ),
  bytes("GBK, and nothing says so", (html) => iconv.encode(html, "gbk"), rare),
  bytes(
    "GBK, although it says UTF-8",
    (html) => iconv.encode(`<?xml version="1.0" encoding="utf-8"?>${html}`, "gbk"),
    rare,
  ),
  bytes("UTF-8, although it says GB2312", (html) => `<?xml version="1.0" encoding="gb2312"?>${html}`, rare),
  bytes(
    "UTF-16 with a mark",
    (html) => iconv.encode(`<?xml version="1.0" encoding="utf-16"?>${html}`, "utf16-le", { addBOM: true }),
    rare,
  ),
  bytes(
    "UTF-16, big-endian, with a mark",
    (html) => iconv.encode(`<?xml version="1.0" encoding="utf-16"?>${html}`, "utf16-be", { addBOM: true }),
    rare,
  ),
  bytes(
    "UTF-8 with a mark, blank lines before its declaration",
    (html) => `\ufeff\n\n<?xml version="1.0" encoding="utf-8"?>\n${html}`,
    rare,
  ),
  bytes("Big5, as it says", (html) => iconv.encode(`<?xml version="1.0" encoding="big5"?>${html}`, "big5"), [
    chapter(1, "第一回 夜渡", { lines: ["燈滅了，他什麼也看不見。", "「誰？」老周問。"] }),
    chapter(2, "第二回 歸途", { lines: ["河邊沒有人。", "他走了很久。"] }),
  ]),
  bytes(
    "UTF-8 with a damaged byte",
    (html) => Buffer.from(html.replaceAll("\ufffd", "\xff"), "utf8").filter((byte) => byte !== 0xc3),
    three.map((one) => ({ ...one, lines: [...one.lines, "甲\ufffd乙"] })),
  ),
  bytes("CR line ends", (html) => html.replaceAll("\n", "\r")),
  bytes("no html, head or body", (html) => html.replace(/<\/?(?:html|head|body|title)[^>]*>|x/gu, "")),
  bytes(
    "frames of XHTML 1.1, a DOCTYPE over lines",
    (html) =>
      `<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN"\n  "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">\n${html}`,
  ),
  bytes("a namespace prefix on every element", (html) => html.replace(/<(\/?)(\w)/gu, "<$1h:$2")),
  {
    name: "running heads in header and footer elements",
    file: epub({
      docs: three.map((one, no) => doc(`c${no + 1}.xhtml`, `<header>灯下录</header>${body(one)}`)),
      ncx: links(three),
    }),
    chapters: three,
  },
  {
    name: "a drop cap",
    file: epub({
      docs: three.map(({ title, lines }, no) =>
        doc(
          `c${no + 1}.xhtml`,
          `<h2>${title}</h2><p><span class="dropcap">${lines[0]![0]}</span>${lines[0]!.slice(1)}</p>${paragraphs(lines.slice(1))}`,
        ),
      ),
      nav: links(three),
    }),
    chapters: three,
  },
];
