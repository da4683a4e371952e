import { titleOf, zh } from "../kinds/prose.ts";
import {
  body,
  chapter,
  chapters,
  doc,
  docs,
  type EpubCase,
  epub,
  type Link,
  links,
  paragraphs,
  type Right,
} from "./build.ts";

const three = chapters(3);
const six = chapters(6);
const at = (some: readonly Right[], from: number): readonly Link[] =>
  some.map(({ title }, no) => [title, `c${no + from}.xhtml`]);
const inVolume = (some: readonly Right[], volume: string) => some.map((one) => ({ ...one, volume }));
const [first, second] = [six.slice(0, 3), six.slice(3)];
const cover = doc("cover.xhtml", '<img src="c.png" alt=""/>');
const withText = (title: string) => chapter(77, title, { lines: chapter(77).lines.slice(0, 3) });
const intro = withText("第一卷 风起");
const plainSix = six.map((one, no) => ({ ...one, title: `${zh(no + 1)}` }));
const named = six.map((one, no) => ({ ...one, title: titleOf(no + 1) }));

/** The heading in the text, its entry in the contents, and the correct title. */
const written = (
  name: string,
  text: (no: number) => string,
  entry: (no: number) => string,
  right: (no: number) => string,
): EpubCase => ({
  name: `the text's heading and the entry differ: ${name}`,
  file: epub({
    docs: six.map((one, no) => doc(`c${no + 1}.xhtml`, `${text(no + 1)}${paragraphs(one.lines)}`)),
    ncx: six.map((_, no) => [entry(no + 1), `c${no + 1}.xhtml`]),
  }),
  chapters: six.map((one, no) => ({ ...one, title: right(no + 1) })),
});
const full = (no: number) => `第${zh(no)}章 ${titleOf(no)}`;

/** Tables of contents in all their forms. */
export const tableCases: readonly EpubCase[] = [
  { name: "EPUB 2, an NCX only", file: epub({ docs: docs(six), ncx: links(six) }), chapters: six },
  { name: "EPUB 3, a navigation document only", file: epub({ docs: docs(six), nav: links(six) }), chapters: six },
  { name: "none", file: epub({ docs: docs(six) }), chapters: six },
  {
    name: "the navigation document has the cover alone, the NCX all",
    file: epub({ docs: [cover, ...docs(six)], nav: [["封面", "cover.xhtml"]], ncx: links(six) }),
    chapters: six,
  },
  {
    name: "the NCX has one entry, the navigation document all",
    file: epub({ docs: docs(six), nav: links(six), ncx: [["Start", "c1.xhtml"]] }),
    chapters: six,
  },
  {
    name: "the navigation document is flat, the NCX has volumes",
    file: epub({
      docs: [doc("v1.xhtml", "<h1>风起</h1>"), ...docs(six)],
      nav: [["风起", "v1.xhtml"], ...at(first, 1), ["雪落", "c4.xhtml"], ...at(second, 4)],
      ncx: [
        ["风起", "v1.xhtml", at(first, 1)],
        ["雪落", "c4.xhtml", at(second, 4)],
      ],
    }),
    chapters: [...inVolume(first, "风起"), ...inVolume(second, "雪落")],
  },
  {
    name: "部 above 卷 above 章",
    file: epub({
      docs: docs(six),
      ncx: [
        [
          "第一部",
          "c1.xhtml",
          [
            ["卷一 风起", "c1.xhtml", at(first, 1)],
            ["卷二 雪落", "c4.xhtml", at(second, 4)],
          ],
        ],
      ],
    }),
    chapters: [...inVolume(first, "第一部 卷一 风起"), ...inVolume(second, "第一部 卷二 雪落")],
  },
  {
    name: "volumes without a place of their own",
    file: epub({
      docs: docs(six),
      nav: [
        ["风起", undefined, at(first, 1)],
        ["雪落", undefined, at(second, 4)],
      ],
    }),
    chapters: [...inVolume(first, "风起"), ...inVolume(second, "雪落")],
  },
  {
    name: "volumes whose pages are pictures",
    file: epub({
      docs: [
        doc("v1.xhtml", '<img src="1.jpg" alt="第一卷"/>'),
        ...docs(first),
        doc("v2.xhtml", '<img src="2.jpg"/>'),
        ...docs(six).slice(3),
      ],
      ncx: [
        ["第一卷 风起", "v1.xhtml", at(first, 1)],
        ["第二卷 雪落", "v2.xhtml", at(second, 4)],
      ],
    }),
    chapters: [...inVolume(first, "第一卷 风起"), ...inVolume(second, "第二卷 雪落")],
  },
  {
    name: "a volume with words of its own",
    file: epub({
      docs: [doc("v1.xhtml", body(intro, "h1")), ...docs(six)],
      ncx: [
        ["第一卷 风起", "v1.xhtml", at(first, 1)],
        ["第二卷 雪落", undefined, at(second, 4)],
      ],
    }),
    chapters: [
      { ...intro, kind: "preface", volume: "第一卷 风起" },
      ...inVolume(first, "第一卷 风起"),
      ...inVolume(second, "第二卷 雪落"),
    ],
  },
  {
    name: "a flat table, a volume with words of its own",
    file: epub({
      docs: [
        doc("v1.xhtml", body(intro, "h1")),
        ...docs(first),
        doc("v2.xhtml", "<h1>第二卷 雪落</h1>"),
        ...docs(six).slice(3),
      ],
      ncx: [["第一卷 风起", "v1.xhtml"], ...at(first, 1), ["第二卷 雪落", "v2.xhtml"], ...at(second, 4)],
    }),
    chapters: [
      { ...intro, kind: "preface", volume: "第一卷 风起" },
      ...inVolume(first, "第一卷 风起"),
      ...inVolume(second, "第二卷 雪落"),
    ],
  },
  {
    name: "卷 that are the chapters",
    file: epub({
      docs: docs(six.map((one, no) => ({ ...one, title: `卷${zh(no + 1)} ${titleOf(no + 1)}` }))),
      ncx: six.map((_, no) => [`卷${zh(no + 1)} ${titleOf(no + 1)}`, `c${no + 1}.xhtml`]),
    }),
    chapters: six.map((one, no) => ({ ...one, title: `卷${zh(no + 1)} ${titleOf(no + 1)}` })),
  },
  {
    name: "all chapters below 正文",
    file: epub({ docs: docs(six), ncx: [["正文", "c1.xhtml", links(six)]] }),
    chapters: six,
  },
  {
    name: "all chapters below 目录, which has a page",
    file: epub({
      docs: [doc("toc.xhtml", `<h1>目录</h1>${paragraphs(six.map(({ title }) => title))}`), ...docs(six)],
      ncx: [["目录", "toc.xhtml", links(six)]],
    }),
    chapters: six,
  },
  {
    name: "contents as a page of plain lines",
    file: epub({
      docs: [doc("toc.xhtml", `<p>目　录</p>${paragraphs(six.map(({ title }) => title))}`), ...docs(six)],
      ncx: links(six),
    }),
    chapters: six,
  },
  {
    name: "contents as a page of plain lines with pages, CONTENTS above",
    file: epub({
      docs: [
        doc("toc.xhtml", `<p>CONTENTS</p>${paragraphs(six.map(({ title }, no) => `${title} …… ${no * 11 + 1}`))}`),
        ...docs(six),
      ],
      nav: links(six),
    }),
    chapters: six,
  },
  {
    name: "contents as a page of links, and no table of contents",
    file: epub({
      docs: [
        doc(
          "toc.xhtml",
          `<div>目录</div>${six.map(({ title }, no) => `<div><a href="c${no + 1}.xhtml">${title}</a></div>`).join("")}`,
        ),
        ...docs(six),
      ],
    }),
    chapters: six,
  },
  {
    name: "a navigation document that nothing says is one",
    file: epub({
      docs: [
        doc(
          "nav.html",
          `<nav epub:type="toc"><ol>${six.map(({ title }, no) => `<li><a href="c${no + 1}.xhtml">${title}</a></li>`).join("")}</ol></nav>`,
        ),
        ...docs(six, "p"),
      ],
    }),
    chapters: six,
  },
  {
    name: "anchors: in front of headings, on them, within and behind their words",
    file: epub({
      docs: [
        doc(
          "all.xhtml",
          six
            .map(({ title, lines }, no) => {
              const head = [
                `<a id="a${no}"/><h2>${title}</h2>`,
                `<h2 id="a${no}">${title}</h2>`,
                `<h2><a name="a${no}"></a>${title}</h2>`,
                `<h2>${title}<span id="a${no}"></span></h2>`,
                `<div id="a${no}"><h2>${title}</h2></div>`,
                `<p id="a${no}" style="page-break-before:always"></p><h2>${title}</h2>`,
              ][no];
              return `${head}${paragraphs(lines)}`;
            })
            .join("\n"),
        ),
      ],
      ncx: six.map(({ title }, no) => [title, `all.xhtml#a${no}`]),
    }),
    chapters: six,
  },
  {
    name: "anchors in Chinese, percent-encoded in the contents",
    file: epub({
      docs: [doc("all.xhtml", six.map((one, no) => `<a id="章${no}"></a>${body(one, "p")}`).join(""))],
      ncx: six.map(({ title }, no) => [title, `all.xhtml#${encodeURIComponent(`章${no}`)}`]),
    }),
    chapters: six,
  },
  {
    name: "several chapters in a document, entries without anchors",
    file: epub({
      docs: [
        doc("c1.xhtml", first.map((one) => body(one, "p")).join("")),
        doc("c2.xhtml", second.map((one) => body(one, "p")).join("")),
      ],
      ncx: six.map(({ title }, no) => [title, no < 3 ? "c1.xhtml" : "c2.xhtml"]),
    }),
    chapters: six,
  },
  {
    name: "several chapters in a document, one entry for each document, headings within",
    file: epub({
      docs: [
        doc("c1.xhtml", first.map((one) => body(one)).join("")),
        doc("c2.xhtml", second.map((one) => body(one)).join("")),
      ],
      ncx: [
        [six[0]!.title, "c1.xhtml"],
        [six[3]!.title, "c2.xhtml"],
      ],
    }),
    chapters: six,
  },
  {
    name: "empty titles",
    file: epub({
      docs: docs(six),
      ncx: six.map(({ title }, no) => [no % 2 === 0 ? title : "", `c${no + 1}.xhtml`]),
    }),
    chapters: six,
  },
  {
    name: "empty titles of entries with anchors",
    file: epub({
      docs: [
        doc("all.xhtml", six.map((one, no) => `<h2 id="a${no}">${one.title}</h2>${paragraphs(one.lines)}`).join("")),
      ],
      ncx: six.map(({ title }, no) => [no === 2 ? " " : title, `all.xhtml#a${no}`]),
    }),
    chapters: six,
  },
  {
    name: "titles that tools invent",
    file: epub({
      docs: docs(six, "h1"),
      ncx: six.map((_, no) => [
        ["未命名章节", "Unknown", "index_split_003", "Chapter0004", "part0005", "无标题"][no]!,
        `c${no + 1}.xhtml`,
      ]),
    }),
    chapters: six,
  },
  {
    name: "the book's title for every entry",
    file: epub({ docs: docs(six), ncx: six.map((_, no) => ["灯下录", `c${no + 1}.xhtml`]) }),
    chapters: six,
  },
  {
    name: "entries in another order than the text",
    file: epub({ docs: docs(six), ncx: [...links(six)].reverse() }),
    chapters: six,
  },
  {
    name: "the same entry twice",
    file: epub({ docs: docs(six), ncx: [...links(six).slice(0, 3), ...links(six).slice(2)] }),
    chapters: six,
  },
  {
    name: "an entry of a chapter that lacks one, between others",
    file: epub({ docs: docs(six), ncx: links(six).filter((_, no) => no !== 2 && no !== 5) }),
    chapters: six,
  },
  {
    name: "numbers alone as titles, in the text as well",
    file: epub({ docs: docs(plainSix), ncx: links(plainSix) }),
    chapters: plainSix,
  },
  { name: "titles without numbers", file: epub({ docs: docs(named, "h3"), nav: links(named) }), chapters: named },
  written("number and title in two headings", (no) => `<h1>第${zh(no)}章</h1><h2>${titleOf(no)}</h2>`, full, full),
  written(
    "the number alone in the contents",
    (no) => `<h2>${full(no)}</h2>`,
    (no) => `第${zh(no)}章`,
    full,
  ),
  written("the number alone in the text", (no) => `<h2>第${zh(no)}章</h2>`, full, full),
  written("the title alone in the text", (no) => `<h2>${titleOf(no)}</h2>`, full, full),
  written(
    "digits in the contents",
    (no) => `<h2>${full(no)}</h2>`,
    (no) => `第${no}章 ${titleOf(no)}`,
    (no) => `第${no}章 ${titleOf(no)}`,
  ),
  written(
    "numbers of a list in the contents",
    (no) => `<h2>${full(no)}</h2>`,
    (no) => `${no}. ${titleOf(no)}`,
    (no) => `${no}. ${titleOf(no)}`,
  ),
  written(
    "punctuation and width",
    (no) => `<p>第${zh(no)}章　${titleOf(no)}！（上）</p>`,
    (no) => `第${zh(no)}章：${titleOf(no)}!(上)`,
    (no) => `第${zh(no)}章：${titleOf(no)}!(上)`,
  ),
  written("the volume above the heading", (no) => `<h1>灯下录</h1><p>第一卷</p><h2>${full(no)}</h2>`, full, full),
  written("the heading twice", (no) => `<h2>${full(no)}</h2><p>${full(no)}</p>`, full, full),
  {
    name: "no contents: number and title in two headings",
    file: epub({
      docs: six.map((one, no) =>
        doc(`c${no + 1}.xhtml`, `<h1>第${zh(no + 1)}章</h1><h2>${titleOf(no + 1)}</h2>${paragraphs(one.lines)}`),
      ),
    }),
    chapters: six,
  },
  {
    name: "no contents: titles of the documents alone",
    file: epub({
      docs: six.map((one, no) =>
        doc(`c${no + 1}.xhtml`, "", {
          raw: `<html><head><title>${one.title}</title></head><body>${paragraphs(one.lines)}</body></html>`,
        }),
      ),
    }),
    chapters: six,
  },
  {
    name: "no contents: headings as paragraphs, between documents that go on",
    file: epub({
      docs: three.flatMap(({ title, lines }, no) => [
        doc(`c${no}a.xhtml`, body({ title, lines: lines.slice(0, 3) }, "p")),
        doc(`c${no}b.xhtml`, paragraphs(lines.slice(3))),
      ]),
    }),
    chapters: three,
  },
  {
    name: "an NCX that lies in the ZIP alone",
    file: epub({ docs: docs(six, "p").map((one) => ({ ...one, body: one.body! })), files: { "toc.ncx": ncx() } }),
    chapters: six,
  },
  {
    name: "an NCX with another media type, and a spine that does not name it",
    file: epub({
      docs: docs(six),
      manifest: '<item id="x" href="toc.ncx" media-type="text/xml"/>',
      files: { "toc.ncx": ncx() },
    }),
    chapters: six,
  },
  {
    name: "contents that lie in a folder of their own",
    file: epub({
      docs: six.map((one, no) => doc(`Text/c${no + 1}.xhtml`, body(one))),
      manifest: '<item id="n" href="Nav/nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>',
      files: {
        "Nav/nav.xhtml": `<nav epub:type="toc"><ol>${six.map(({ title }, no) => `<li><a href="../Text/c${no + 1}.xhtml">${title}</a></li>`).join("")}</ol></nav>`,
      },
    }),
    chapters: six,
  },
  {
    name: "番外, 后记 and 序",
    file: epub({
      docs: docs([chapter(30, "序"), ...three, chapter(31, "番外 雪"), chapter(32, "后记")]),
      ncx: links([chapter(30, "序"), ...three, chapter(31, "番外 雪"), chapter(32, "后记")]),
    }),
    chapters: [
      chapter(30, "序", { kind: "preface" }),
      ...three,
      chapter(31, "番外 雪"),
      chapter(32, "后记", { kind: "afterword" }),
    ],
  },
];

function ncx(): string {
  return `<ncx><navMap>${six.map(({ title }, no) => `<navPoint><navLabel><text>${title}</text></navLabel><content src="c${no + 1}.xhtml"/></navPoint>`).join("")}</navMap></ncx>`;
}
